/**
 * @file The script that tells what the built-in digits are worth, on a hundredth of its work and an MNIST of three images.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../src/figures/png.js';
import { smallMnist, withFolder } from '../data/fixtures.js';
import { slow } from '../support/slow.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const digitsOnMnist = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', 'experiments/digitsOnMnist/index.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });

interface Part {
  readonly count: number;
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
}

slow('trains, reads both sets, and writes what it found', () =>
  withFolder(smallMnist(), (folder) => {
    const [json, misread] = [join(folder, 'results.json'), join(folder, 'misread.png')];
    const sizes = ['--count', '256', '--epochs', '1'];
    const run = digitsOnMnist('--data-dir', folder, ...sizes, '--json', json, '--misread', misread);
    assert.is(run.status, 0, run.stderr);
    assert.match(run.stdout, /^Real MNIST \(\S+\/test\): \S+ % of 3 images$/m);

    const results = JSON.parse(readFileSync(json, 'utf8')) as { mnist: Part; heldOutDigits: Part; command: string };
    assert.match(results.command, /--data-dir path\/to\/mnist --count 256/);
    for (const [part, count] of [
      [results.mnist, 3],
      [results.heldOutDigits, 10_000],
    ] as const) {
      assert.is(part.count, count);
      assert.is(
        part.confusion.flat().reduce((sum, value) => sum + value),
        count,
      );
      const right = part.confusion.reduce((sum, row, label) => sum + row[label]!, 0);
      assert.is(part.accuracy, right / count);
    }
    assert.is(decodePng(readFileSync(misread)).height, 10 * 56 + 9 * 2);
    return Promise.resolve();
  }),
);

test('without --data-dir it says what it takes', () => {
  const { status, stderr } = digitsOnMnist();
  assert.is(status, 2);
  assert.match(stderr, /--data-dir path\/to\/mnist/);
});

test.run();
