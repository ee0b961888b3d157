/**
 * @file Compilation by twins of the device: it changes no result and no error, and ends with the device.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { Device } from '../../src/gpu/device.js';
import { ShaderError } from '../../src/gpu/errors.js';
import { createGpu } from '../../src/host/node/device.js';

const shaders = { 'test/broken.wgsl': 'broken' };

/** As `openDevice` opens it, where the adapter compiles late. */
const open = (): Promise<Device> => Device.create(createGpu(), { compilers: 2, shaders });

test('a step whose kernels twins compiled gives the same numbers', async () => {
  const device = await open();
  try {
    const engine = new Engine(device);
    const x = engine.tensor([1, -2, 3, 4], [2, 2]);
    const plan = await engine.record(() => ({ y: x.matmul(x).relu().mul(2).sum() }));
    plan.replay();
    assert.equal([...(await plan.results.y.data())], [2 * (0 + 0 + 15 + 10)]);
    plan.dispose();
  } finally {
    device.destroy();
  }
});

test('a kernel that does not compile is named as ever', async () => {
  const device = await open();
  try {
    const buffer = device.allocatePersistent(16, 'x');
    const kernel = { name: 'broken kernel', files: ['test/broken.wgsl'] };
    const trace = device.trace(() => device.dispatch({ kernel, buffers: [buffer], workgroups: [1, 1, 1] }));
    let failure: unknown;
    await device.compile(trace).catch((error: unknown) => (failure = error));
    assert.instance(failure, ShaderError);
    assert.match(String(failure), /broken kernel/);
  } finally {
    device.destroy();
  }
});

test('a device that is destroyed while its twins compile ends them', async () => {
  const device = await open();
  const engine = new Engine(device);
  const x = engine.tensor([1, 2, 3, 4], [2, 2]);
  const recording = engine.record(() => ({ y: x.matmul(x).tanh().exp().sum() }));
  const ended = recording.then(
    () => 'recorded',
    () => 'failed',
  );
  device.destroy();
  assert.is(await ended, 'failed');
});

test.run();
