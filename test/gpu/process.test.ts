/**
 * @file How programs on the GPU end, as processes of their own: a good one with code 0 and by itself, a failing one with
 * another code and the error's name, and none by a crash in the driver or by waiting for ever.
 *
 * @expensive starts a process for each way to end
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const PROGRAM = fileURLToPath(new URL('fixtures/program.ts', import.meta.url));

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(way: string): Ending {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', PROGRAM, way],
    { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
  );
  return { code: status, signal, stdout, stderr };
}

for (const [way, copies] of [
  ['ends without destroy', 1],
  ['ends after destroy', 1],
  ['opens, forgets and collects devices', 6],
  ['destroys devices and collects them', 6],
  ['ends with a read-back under way', 1],
  ['exits with work under way', 1],
] as const) {
  test(`a good program ${way}: code 0, by itself`, () => {
    const { code, signal, stdout, stderr } = run(way);
    assert.is(signal, null, `${way}: ${stderr}`);
    assert.is(code, 0, stderr);
    assert.is(stdout, 'copied 1 2 3 4\n'.repeat(copies));
    // Dawn's two lines about limits, and nothing else.
    assert.is(stderr.replace(/^Warning: maxDynamic.*artificially reduced.*\n/gm, ''), '');
  });
}

for (const [way, error] of [
  ['broken WGSL, eagerly', /ShaderError: the shader of kernel broken sums[^]*:3:\d+ error/],
  ['broken WGSL, in a plan', /ShaderError: the shader of kernel broken sums[^]*:3:\d+ error/],
  ['a bad binding, eagerly', /ValidationError: the device refused copy/],
  ['a bad binding, in a plan', /ValidationError: the device refused copy/],
  ['the device is lost before a read-back', /DeviceLostError: the GPU device was lost \(destroyed\)/],
  ['the device is lost during a read-back', /DeviceLostError: the GPU device was lost \(destroyed\)/],
  ['the device is lost between replays', /DeviceLostError: the GPU device was lost \(destroyed\)/],
  ['no such adapter', /NoAdapterError: WebGPU finds no adapter whose name holds "Voodoo 2"; it offers: /],
  ['throws with work under way', /Error: of the program itself/],
] as const) {
  test(`a failing program, ${way}: code 1 and the error on stderr`, () => {
    const { code, signal, stderr } = run(way);
    assert.is(signal, null, stderr);
    assert.is(code, 1, stderr);
    assert.match(stderr, error);
    assert.is(stderr.split(error).length, 2, 'told once');
  });
}

test.run();
