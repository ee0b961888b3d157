/**
 * @file What there is no memory for is refused by both numbers: by the host's memory on a software device, before
 * anything is allocated, and by the device's own answer on any.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { HOST_BYTES } from '../../src/gpu/memory/buffers.js';
import { Device } from '../../src/gpu/device.js';
import { OutOfMemoryError } from '../../src/gpu/errors.js';
import { createGpu } from '../../src/host/node/device.js';
import { thrownBy } from './kernels.js';

const MIB = 2 ** 20;

/** What the host says is free. */
let free = 1024 * MIB;
const device = await Device.create(createGpu(), { hostMemory: () => free });
const engine = new Engine(device);
test.after(() => device.destroy());

/** Any other device has memory of its own. */
const onSoftware = (name: string, run: () => Promise<void>): void => {
  if (device.adapter.software) test(name, run);
  else test.skip(name);
};

const x = engine.tensor(new Float32Array(MIB / 4).fill(2), [512, 512], { name: 'x' });

/** Eight temporaries of 1 MiB, of which two are alive at once. */
function step(): Tensor {
  let y = x;
  for (let i = 0; i < 8; i++) y = ops.scale(y, 0.5);
  return y;
}

async function refusal(body: () => Promise<unknown>): Promise<string> {
  const error = await thrownBy(body);
  assert.instance(error, OutOfMemoryError);
  return error instanceof Error ? error.message : '';
}

onSoftware('a plan is refused with what it takes and what is free; when more is, it is made', async () => {
  const { bytes, count } = device.pool;
  free = 1.5 * MIB;
  assert.is(
    await refusal(() => engine.record(step)),
    "no GPU memory for the step (2.0 MiB): on a software device that is the machine's memory: it takes about 2.7 MiB, and 1.5 MiB are free",
  );
  assert.equal([device.pool.bytes, device.pool.count], [bytes, count], 'nothing was allocated');
  device.check();
  free = 2 * HOST_BYTES * MIB;
  const plan = await engine.record(step);
  assert.is(plan.memory.allocatedBytes, 2 * MIB);
  plan.replay();
  assert.is((await plan.results.data())[7], 2 / 256);
  plan.dispose();

  free = 0;
  const again = await engine.record(step);
  again.dispose();
  assert.is(device.pool.bytes, bytes + 2 * MIB, 'what the pool has already is not counted again');
});

onSoftware('an eager step takes all of its temporaries at once', async () => {
  free = 7.5 * MIB;
  assert.match(await refusal(() => engine.prepare(step)), /the step \(8\.0 MiB\): .* 7\.5 MiB are free$/);
  free = 8 * HOST_BYTES * MIB;
  await engine.prepare(step);
});

onSoftware('a step is refused before its products are measured', async () => {
  const tuned = new Engine(device, { measure: true });
  const [a, b] = [0, 1].map(() => tuned.tensor(new Float32Array(256 * 256), [256, 256]));
  free = 1000;
  let measured = 0;
  const product = (): Tensor => ops.scale(ops.matmul(a!, b!), 2);
  const message = await refusal(() => tuned.record(product, () => measured++));
  assert.match(message, /the step \(\S+ [KM]iB\): .*1000 B are free$/);
  assert.is(measured, 0);
});

onSoftware('what outlives steps is refused as well, by what is held already', async () => {
  let most = 4 * HOST_BYTES * MIB;
  const own = await Device.create(createGpu(), { hostMemory: () => most });
  const held = [1, 2, 3, 4].map(() => own.allocatePersistent(MIB, 'weights'));
  assert.is(
    await refusal(() => Promise.resolve().then(() => own.allocatePersistent(MIB, 'moments'))),
    "no GPU memory for moments (1.0 MiB): on a software device that is the machine's memory: all buffers then take about 6.8 MiB, and 5.4 MiB were free",
  );
  most = 5 * HOST_BYTES * MIB;
  held.push(own.allocatePersistent(MIB, 'moments'));
  assert.is(own.pool.bytes, 5 * MIB);
  own.destroy();
});

test('memory that the device cannot give is what a plan fails with, not what binds it', async () => {
  const own = new Engine(await Device.create(createGpu()));
  const input = own.tensor([1, 2, 3, 4], [4]);
  const { handle } = own.device;
  const createBuffer = handle.createBuffer.bind(handle);
  // As Dawn answers an allocation that the driver refuses: an invalid buffer, and an error of the scope.
  const scopes: GPUErrorFilter[] = [];
  const pushErrorScope = handle.pushErrorScope.bind(handle);
  const popErrorScope = handle.popErrorScope.bind(handle);
  let refuses = true;
  handle.pushErrorScope = (filter) => {
    scopes.push(filter);
    pushErrorScope(filter);
    return undefined;
  };
  handle.popErrorScope = async () => {
    const filter = scopes.pop();
    const error = await popErrorScope();
    if (filter !== 'out-of-memory' || !refuses) return error;
    refuses = false;
    return new GPUOutOfMemoryError('no memory left');
  };
  handle.createBuffer = (descriptor) => {
    if (!refuses || descriptor.label !== 'plan') return createBuffer(descriptor);
    // It cannot be bound.
    return createBuffer({ ...descriptor, usage: GPUBufferUsage.COPY_DST });
  };
  const message = await refusal(() => own.record(() => ops.scale(input, 2)));
  assert.match(message, /^no GPU memory for plan \(16 B\): no memory left$/);
  own.device.destroy();
});

test.run();
