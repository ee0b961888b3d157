/**
 * @file Dawn's warnings about limits stay off stderr; everything else that is written there arrives, in order.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const PROGRAM = fileURLToPath(new URL('fixtures/dawnStandIn.ts', import.meta.url));
const WARNING = 'Warning: maxDynamicUniformBuffersPerPipelineLayout artificially reduced from 1000000 to 16.\n';
const KEPT = `before\nWarning: another\n  ${WARNING}\x80\xff\x1b\nno line end`;

const root = mkdtempSync(join(tmpdir(), 'dawn-warnings-test-'));
test.after(() => rmSync(root, { recursive: true }));

function run(
  ending: string,
  env: NodeJS.ProcessEnv = {},
): { code: number | null; signal: string | null; stderr: string } {
  const words = ['--import', import.meta.resolve('tsx'), PROGRAM, ending];
  const { status, signal, stderr } = spawnSync(process.execPath, words, { env: { ...process.env, ...env } });
  return { code: status, signal, stderr: stderr.toString('latin1') };
}

if (process.platform === 'linux') {
  test('the warnings are dropped, and all other bytes stay as they are', () => {
    assert.equal(run('resolve'), { code: 0, signal: null, stderr: `${KEPT}\nanswer\nafter\n` });
  });

  test('an error comes after what was printed, and stderr is restored', () => {
    assert.is(run('throw').stderr, `${KEPT}\nError: thrown\nafter\n`);
    assert.is(run('reject').stderr, `${KEPT}\nError: rejected\nafter\n`);
  });

  test('what is printed before an abort is shown', () => {
    const { signal, stderr } = run('abort');
    assert.is(signal, 'SIGABRT');
    assert.ok(stderr.startsWith(KEPT), stderr);
  });

  test('stderr and stdout keep sharing one file', () => {
    const path = join(root, 'both.txt');
    const file = openSync(path, 'w');
    const words = ['--import', import.meta.resolve('tsx'), PROGRAM, 'resolve'];
    spawnSync(process.execPath, words, { stdio: ['ignore', file, file] });
    closeSync(file);
    assert.is(readFileSync(path, 'latin1'), `${KEPT}\nanswer\non stdout\nafter\n`);
  });
}

test('without sed everything is printed', () => {
  const { code, stderr } = run('resolve', { PATH: root });
  assert.is(code, 0);
  assert.is(
    stderr,
    `before\n${WARNING}Warning: another\n${WARNING}  ${WARNING}\x80\xff\x1b\nno line end\nanswer\nafter\n`,
  );
});

test.run();
