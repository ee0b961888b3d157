/**
 * @file The engine's host on Node: Dawn's adapters and devices.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adapterNames, createGpu, openDevice } from '../../../src/host/node/device.js';

test('one Dawn instance serves all devices, and WebGPU’s constants are global', () => {
  assert.is(createGpu(), createGpu());
  assert.is(GPUBufferUsage.STORAGE, 0x80);
  assert.is(GPUMapMode.READ, 1);
});

test('Dawn’s adapters are listed, and each can be opened by its name', async () => {
  const names = await adapterNames();
  assert.ok(names.length > 0);
  assert.ok(names.every((name) => name.trim() !== ''));
  const device = await openDevice({ name: names[0]! });
  assert.ok(device.adapter.key !== '');
  device.destroy();
});

test('nothing is printed when adapters are requested, several at once and by name as well', () => {
  const program = fileURLToPath(new URL('fixtures/openDevices.ts', import.meta.url));
  const words = ['--import', import.meta.resolve('tsx'), program];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

test('two devices live side by side, and one goes without the other', async () => {
  const [first, second] = await Promise.all([openDevice(), openDevice()]);
  first.destroy();
  const buffer = second.allocate(16, 'on the second');
  second.write(buffer, Float32Array.of(1, 2, 3, 4));
  const [bytes] = await second.read(buffer);
  assert.equal(new Float32Array(bytes!), Float32Array.of(1, 2, 3, 4));
  second.destroy();
});

test.run();
