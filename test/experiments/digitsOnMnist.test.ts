/**
 * @file Tests the experiment that trains a classifier on the built-in digits, on a fraction of its work and an MNIST of three
 * images.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsOnMnist } from '../../experiments/digitsOnMnist/digitsOnMnist.js';
import { Engine } from '../../src/autograd/engine.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { decodePng } from '../../src/figures/png.js';
import { smallMnist, withFolder } from '../data/fixtures.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

interface Part {
  readonly count: number;
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
}

slow('trains, evaluates both sets, and writes results and the picture of misread images', () =>
  withFolder(smallMnist(), async (folder) => {
    const [json, misread] = [join(folder, 'results.json'), join(folder, 'misread.png')];
    const lines: string[] = [];
    await digitsOnMnist(new Engine(device), {
      ...{ mnist: await loadMnist(folder, 'test'), classifier: 'article', count: 256, epochs: 1, seed: '1' },
      ...{ json, misread, command: 'node here', evaluated: 200, print: (line) => lines.push(line) },
    });
    assert.match(lines.join('\n'), /^\nReal MNIST \(\S+\/test\): \S+ % of 3 images$/m);

    const results = JSON.parse(readFileSync(json, 'utf8')) as { mnist: Part; heldOutDigits: Part; command: string };
    assert.is(results.command, 'node here');
    for (const [part, count] of [
      [results.mnist, 3],
      [results.heldOutDigits, 200],
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
  }),
);

test('the script without --data-dir ends with code 2 and names the flag', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['--import', 'tsx', 'experiments/digitsOnMnist/index.ts'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, /--data-dir path\/to\/mnist/);
});

test.run();
