/**
 * @file The benchmark on its smallest case: it runs, names the adapter, and fills in every figure. How fast anything is
 * is not a test's business.
 *
 * @expensive runs benchmarks as processes
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slow } from '../support/slow.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const bench = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', 'bench/index.ts', ...args], { cwd: ROOT, encoding: 'utf8' });

test('measures a product and prints its row', () => {
  const { status, stdout, stderr } = bench('256³', '--quick', '--no-json', '--no-tune');
  assert.is(status, 0, `${stdout}${stderr}`);
  const lines = stdout.split('\n');
  assert.match(lines[0] ?? '', /^Adapter: \S+/);
  assert.ok(
    lines.some((line) => /^matmul +tile +median ms +min ms +GFLOP\/s +limit +% of limit +% at best$/.test(line)),
  );
  const row = lines.find((line) => line.startsWith('256³'));
  // After the name and the tile: milliseconds twice, the rate, the limit, the shares at the median and at best.
  const figures = (row ?? '').trim().split(/\s+/).slice(-6).map(Number);
  assert.is(figures.length, 6);
  for (const figure of figures) assert.ok(Number.isFinite(figure) && figure > 0, row);
});

slow('measures the metrics, each of which checks what it found', () => {
  const { status, stdout, stderr } = bench('metrics', '--quick', '--no-json', '--no-tune');
  assert.is(status, 0, `${stdout}${stderr}`);
  for (const name of ['Fréchet', 'kernel', 'precision', 'duplicates', 'memorised', 'a whole look']) {
    assert.ok(
      stdout.split('\n').some((line) => line.startsWith(name)),
      stdout,
    );
  }
});

test('lists names without a device, and refuses one that nothing has', () => {
  const listed = bench('--list', 'adam');
  assert.is(listed.status, 0);
  assert.match(listed.stdout, /^adam 6\.8 M parameters\n$/);
  const refused = bench('no-such-case');
  assert.is(refused.status, 1);
  assert.match(refused.stderr, /No case's name holds no-such-case/);
});

test.run();
