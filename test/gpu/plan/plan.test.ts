/**
 * @file A recorded step does what the same calls do one by one, as often as it is replayed.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import type { Device } from '../../../src/gpu/device.js';
import { GpuError } from '../../../src/gpu/errors.js';
import type { Plan } from '../../../src/gpu/plan/plan.js';
import { download, upload } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';
import { accumulate, affine, chain, copy, openDeviceOf, thrownBy } from '../kernels.js';

const device = await openDeviceOf();
test.after(() => device.destroy());

const COUNT = 1000;

/** Records a step whose result is one buffer. */
async function record(step: () => DeviceBuffer, on: Device = device): Promise<Plan<DeviceBuffer>> {
  const trace = on.trace(step);
  return on.compile(trace, [trace.results]);
}

test('a replay gives the same bits as the same calls made at once', async () => {
  const x = upload(device, seededNormal('plan', COUNT));
  const eager = await download(device, chain(device, x, 20), COUNT);
  const plan = await record(() => chain(device, x, 20));
  plan.replay();
  assert.equal(await download(device, plan.results, COUNT), eager);
  plan.replay();
  assert.equal(await download(device, plan.results, COUNT), eager, 'again');
  assert.ok(eager.some((value) => value !== eager[0]));
  plan.dispose();
});

test('state carries over from replay to replay, in order', async () => {
  const [one, sum] = [upload(device, [1, 1, 1, 1]), upload(device, [0, 0, 0, 0])];
  const plan = await device.compile(device.trace(() => accumulate(device, one, sum)));
  for (let replay = 0; replay < 100; replay++) plan.replay();
  assert.equal(await download(device, sum, 4), Float32Array.of(100, 100, 100, 100));
  plan.dispose();
});

test('what is written to an input before a replay is what the replay sees', async () => {
  const x = upload(device, [0, 0, 0, 0]);
  const y = upload(device, [0, 0, 0, 0]);
  const plan = await device.compile(device.trace(() => accumulate(device, x, y)));
  for (const value of [1, 10, 100]) {
    device.write(x, new Float32Array(4).fill(value));
    plan.replay();
  }
  assert.equal(await download(device, y, 4), new Float32Array(4).fill(111));
  plan.dispose();
});

test('replays and calls made at once run in the order in which they were given', async () => {
  const [three, x, y] = [upload(device, [3, 3, 3, 3]), upload(device, [0, 0, 0, 0]), upload(device, [0, 0, 0, 0])];
  const plan = await device.compile(device.trace(() => accumulate(device, x, y)));
  copy(device, three, x);
  plan.replay();
  accumulate(device, three, x);
  plan.replay();
  // x was 3 at the first replay and 6 at the second.
  assert.equal(await download(device, y, 4), new Float32Array(4).fill(9));
  plan.dispose();
});

test('results stay as they are while later commands of the step reuse memory', async () => {
  const x = upload(device, seededNormal('kept', COUNT));
  const early = await download(device, affine(device, x, 2, 1), COUNT);
  const trace = device.trace(() => ({ early: affine(device, x, 2, 1), late: chain(device, x, 12) }));
  const plan = await device.compile(trace, [trace.results.early, trace.results.late]);
  plan.replay();
  assert.equal(await download(device, plan.results.early, COUNT), early);
  plan.dispose();
});

test('two plans do not disturb one another’s results', async () => {
  const x = upload(device, seededNormal('two', COUNT));
  const first = await record(() => chain(device, x, 6));
  first.replay();
  const alone = await download(device, first.results, COUNT);
  const second = await record(() => chain(device, x, 9));
  for (let round = 0; round < 3; round++) second.replay();
  assert.equal(await download(device, first.results, COUNT), alone);
  first.replay();
  second.replay();
  assert.equal(await download(device, first.results, COUNT), alone);
  assert.is.not((await download(device, second.results, COUNT)).join(), alone.join());
  first.dispose();
  second.dispose();
});

test('eager steps do not disturb a plan’s results either', async () => {
  const x = upload(device, seededNormal('eager beside', COUNT));
  const plan = await record(() => chain(device, x, 6));
  plan.replay();
  const before = await download(device, plan.results, COUNT);
  for (let step = 0; step < 20; step++) device.scope(() => chain(device, x, 7));
  assert.equal(await download(device, plan.results, COUNT), before);
  plan.dispose();
});

test('one plan works on what another left', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const first = await record(() => affine(device, x, 1, 0));
  const second = await record(() => affine(device, first.results, 1, 0));
  first.replay();
  second.replay();
  const expected = await download(device, affine(device, affine(device, x, 1, 0), 1, 0), 4);
  assert.equal(await download(device, second.results, 4), expected);
  second.dispose();
  first.dispose();
});

test('a plan of nothing can be replayed', async () => {
  const plan = await device.compile(device.trace(() => undefined));
  plan.replay();
  await device.synchronize();
  assert.is(plan.memory.allocatedBytes, 0);
  plan.dispose();
});

test('tracing does not touch the GPU', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  await device.synchronize();
  const { bytes, count } = device.pool;
  const touched: string[] = [];
  const { handle } = device;
  const methods = ['createBuffer', 'createShaderModule', 'createComputePipeline', 'createBindGroup'] as const;
  for (const name of [...methods, 'createCommandEncoder', 'pushErrorScope'] as const) {
    Object.defineProperty(handle, name, { configurable: true, get: () => touched.push(name) });
  }
  try {
    const trace = device.trace(() => device.scope(() => chain(device, x, 5)));
    assert.is(trace.commands.length, 5);
    assert.is(trace.results.physical, undefined);
    assert.throws(() => trace.results.memory, /belongs to a plan that never ran/);
  } finally {
    for (const name of [...methods, 'createCommandEncoder', 'pushErrorScope']) Reflect.deleteProperty(handle, name);
  }
  assert.equal(touched, []);
  assert.is(device.pool.bytes, bytes);
  assert.is(device.pool.count, count);
});

test('within a recording nothing is written, read, replayed or recorded', async () => {
  const x = upload(device, [1, 2, 3, 4], 'batch');
  const plan = await record(() => affine(device, x, 1, 0));
  const within = (body: () => unknown): Promise<Error> => {
    let outcome: Promise<Error> | undefined;
    device.trace(() => {
      outcome = thrownBy(body);
    });
    return outcome!;
  };
  assert.match(
    (await within(() => device.write(x, new Float32Array(4)))).message,
    /batch cannot be written within a rec/,
  );
  assert.match((await within(() => device.read(x))).message, /nothing can be read within a recording/);
  assert.match((await within(() => plan.replay())).message, /a plan cannot be replayed within a recording/);
  assert.match((await within(() => device.trace(() => 0))).message, /a recording is already under way/);
  assert.equal(await download(device, x, 4), Float32Array.of(1, 2, 3, 4));
  plan.dispose();
});

test('a step that throws while it is recorded leaves the device as it was', async () => {
  assert.throws(() => {
    device.trace(() => {
      throw new Error('in the step');
    });
  }, /in the step/);
  assert.not(device.isRecording);
  const x = upload(device, [1, 2, 3, 4]);
  const y = device.allocate(16, 'eager again');
  copy(device, x, y);
  assert.equal(await download(device, y, 4), Float32Array.of(1, 2, 3, 4));
});

test('a plan that was disposed of is refused', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const plan = await record(() => affine(device, x, 1, 0));
  plan.dispose();
  for (const use of [() => plan.replay(), () => device.read(plan.results)]) {
    const error = await thrownBy(use);
    assert.instance(error, GpuError);
    assert.match(error.message, /plan was disposed|affine has no memory/);
  }
  await device.synchronize();
});

test('compiling a step again reuses its pipelines', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const first = await record(() => chain(device, x, 3));
  const { count } = device.pipelines;
  const second = await record(() => chain(device, x, 3));
  assert.is(device.pipelines.count, count);
  first.dispose();
  second.dispose();
});

test.run();
