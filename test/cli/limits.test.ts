/**
 * @file Where the system gives the program too little, it says so in one line; and commands that are begun at once do not
 * get into each other's way.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MEMORY_VARIABLE } from '../../src/host/node/memory.js';
import { slow } from '../support/slow.js';
import { commandLine, Running, zdim } from './run.js';
import { TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'limits-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

for (const files of process.platform === 'linux' ? [60, 120, 159] : []) {
  test(`with ${files} open files: code 1, and one line that says what to do`, () => {
    const words = commandLine(['--version']);
    const limited = ['-c', `ulimit -n ${files} && exec "$0" "$@"`, ...words];
    const { status, stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
    assert.equal([status, stdout], [1, '']);
    assert.is(
      stderr,
      `error: this process may open ${files} files at once, the program needs 160; raise the limit with: ulimit -n 160\n`,
    );
  });
}

slow('a training that the machine has no memory for: code 1, both numbers, and no run folder', async () => {
  const out = join(root, 'large');
  const args = [...TRAIN_TINY, '--unroll', '5', '--iterations', '1', '--data-dir', data, '--out', out];
  const { code, stdout, stderr } = await zdim(args, { [MEMORY_VARIABLE]: (2 ** 20).toString() });
  // A device of its own memory trains.
  if (!/llvmpipe|swiftshader|warp/i.test(stdout)) return;
  assert.is(code, 1, stdout);
  assert.match(
    stderr,
    /^error: no GPU memory for \S.* \(\S+ MiB\): on a software device that is the machine's memory.* 1\.0 MiB .*; a smaller --unroll, --batch or --width takes less\n$/,
  );
  assert.not(existsSync(out));
});

slow('runs that are begun in the same second without --out get a folder each', async () => {
  const cwd = join(root, 'together');
  mkdirSync(cwd);
  const args = [...TRAIN_TINY, '--iterations', '1', '--sample-every', '1', '--data-dir', data];
  const runs = Array.from({ length: 3 }, () => new Running(args, { cwd }));
  for (const { code, stderr } of await Promise.all(runs.map(({ ended }) => ended))) assert.is(code, 0, stderr);
  const folders = readdirSync(join(cwd, 'runs'));
  assert.is(folders.length, 3, folders.join());
  for (const folder of folders) assert.ok(existsSync(join(cwd, 'runs', folder, 'curves.png')), folder);
});

test.run();
