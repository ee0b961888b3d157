/**
 * @file Who owns GPU memory, and that it is flat: what is freed is reused, and no step takes more than the one before.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import { Device } from '../../../src/gpu/device.js';
import { createGpu } from '../../../src/host/node/device.js';
import { GpuError, OutOfMemoryError } from '../../../src/gpu/errors.js';
import { download, upload } from '../../support/device.js';
import { accumulate, affine, chain, copy, openDeviceOf, thrownBy } from '../kernels.js';

const device = await openDeviceOf();
test.after(() => device.destroy());

/** How many buffers the GPU made, of any kind, while `body` ran. */
async function buffersMadeBy(on: Device, body: () => unknown): Promise<number> {
  const { handle } = on;
  let made = 0;
  const create = handle.createBuffer.bind(handle);
  handle.createBuffer = (descriptor) => {
    made += 1;
    return create(descriptor);
  };
  try {
    await body();
  } finally {
    handle.createBuffer = create;
  }
  return made;
}

const free = (...buffers: DeviceBuffer[]): void => {
  for (const buffer of buffers) device.free(buffer);
};

test('freed memory is handed out again to what has the same size, and to nothing else', () => {
  const first = device.allocate(1000, 'first');
  const { memory } = first;
  device.free(first);
  const other = device.allocate(2000, 'other');
  const same = device.allocate(1000, 'same');
  assert.is.not(other.memory, memory);
  assert.is(same.memory, memory);
  device.free(same);
  const padded = device.allocate(995, 'padded to the same');
  assert.is(padded.memory, memory);
  free(other, padded);
});

test('two buffers in use never have the same memory', () => {
  const buffers = Array.from({ length: 50 }, (_, index) => device.allocate(64, `b${index}`));
  free(...buffers.slice(0, 25));
  const more = Array.from({ length: 40 }, (_, index) => device.allocate(64, `c${index}`));
  const inUse = [...buffers.slice(25), ...more];
  assert.is(new Set(inUse.map((buffer) => buffer.memory)).size, inUse.length);
  free(...inUse);
});

test('freeing twice is freeing once', () => {
  const buffer = device.allocate(48, 'twice');
  free(buffer, buffer);
  const [a, b] = [device.allocate(48, 'a'), device.allocate(48, 'b')];
  assert.is.not(a.memory, b.memory);
  free(a, b);
});

test('a scope frees what it allocated', () => {
  const inside: DeviceBuffer[] = [];
  device.scope(() => inside.push(device.allocate(32, 'x'), device.allocate(32, 'y')));
  assert.equal(
    inside.map((buffer) => buffer.physical),
    [undefined, undefined],
  );
});

test('what a scope keeps belongs to the scope around it, and outside of all to the caller', () => {
  const outer = device.scope(() => {
    const inner = device.scope(
      () => ({ kept: device.allocate(32, 'kept'), dropped: device.allocate(32, 'dropped') }),
      ({ kept }) => [kept],
    );
    assert.is(inner.dropped.physical, undefined);
    assert.ok(inner.kept.memory);
    return inner.kept;
  });
  assert.is(outer.physical, undefined);

  const mine = device.scope(
    () => device.scope(() => device.allocate(32, 'mine'), Array.of),
    (result) => [result],
  );
  assert.ok(mine.memory);
  device.free(mine);
});

test('a scope leaves alone what was allocated outside of it, or to outlive it', () => {
  const before = device.allocate(32, 'before');
  const persistent = device.scope(() => device.allocatePersistent(32, 'persistent'));
  assert.ok(before.memory);
  assert.ok(persistent.memory);
  free(before, persistent);
});

test('an exception passes through scopes and frees all that they allocated', () => {
  const inside: DeviceBuffer[] = [];
  assert.throws(
    () =>
      device.scope(() => {
        inside.push(device.allocate(32, 'outer'));
        device.scope(() => {
          inside.push(device.allocate(32, 'inner'));
          throw new Error('in the middle');
        });
      }),
    /in the middle/,
  );
  assert.is(inside.length, 2);
  assert.ok(inside.every((buffer) => buffer.physical === undefined));
  const owned = device.allocate(32, 'no scope is left open');
  assert.ok(owned.memory);
  device.scope(() => undefined);
  assert.ok(owned.memory);
  device.free(owned);
});

test('an exception while the result is kept frees as well', () => {
  let inside: DeviceBuffer | undefined;
  const keep = (): never => {
    throw new Error('no result');
  };
  assert.throws(() => device.scope(() => (inside = device.allocate(32, 'x')), keep), /no result/);
  assert.is(inside?.physical, undefined);
});

test('a freed buffer is refused by name, whatever is done with it', async () => {
  const x = upload(device, [1, 2, 3]);
  const gone = device.allocate(16, 'gone with the scope');
  device.free(gone);
  for (const use of [
    () => device.write(gone, new Float32Array(4)),
    () => copy(device, gone, x),
    () => copy(device, x, gone),
    () => device.read(gone),
  ]) {
    const error = await thrownBy(use);
    assert.instance(error, GpuError);
    assert.match(error.message, /gone with the scope has no memory: it was freed/);
  }
  // The refusals left nothing behind: neither an open error scope nor half a command.
  assert.equal(await download(device, x, 3), Float32Array.of(1, 2, 3));
  device.free(x);
});

test('data that does not fit is refused by name', () => {
  const small = device.allocate(16, 'small');
  assert.throws(() => device.write(small, new Float32Array(5)), /20 bytes do not fit into buffer small/);
  assert.throws(() => device.write(small, new Float32Array(4), 4), /do not fit/);
  device.free(small);
});

test('a buffer beyond the device’s limit is refused, by name and with the limit', () => {
  const limit = device.handle.limits.maxStorageBufferBindingSize;
  const before = device.pool.bytes;
  try {
    device.allocate(limit + 4, 'all faces at once');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, OutOfMemoryError);
    assert.match(String(error), /all faces at once \(128\.0 MiB\)/);
    assert.match(String(error), new RegExp(`at most ${limit.toString()} bytes`));
  }
  assert.is(device.pool.bytes, before);
  device.check();
});

test('the pool counts what it holds, and gives free memory back when trimmed', () => {
  device.flush();
  device.pool.trim();
  const { bytes, count } = device.pool;
  const buffer = device.allocate(4096, 'counted');
  assert.is(device.pool.bytes, bytes + 4096);
  assert.is(device.pool.count, count + 1);
  assert.ok(device.pool.peakBytes >= bytes + 4096);
  device.free(buffer);
  assert.is(device.pool.bytes, bytes + 4096);
  device.pool.trim();
  assert.is(device.pool.bytes, bytes);
  assert.is(device.pool.count, count);
});

test('many buffers of odd sizes are read back in one go, each with its own values', async () => {
  const buffers = Array.from({ length: 60 }, (_, index) => upload(device, new Float32Array(index + 1).fill(index)));
  const read = await device.read(...buffers);
  read.forEach((bytes, index) => {
    assert.is(bytes.byteLength, buffers[index]?.size);
    assert.ok(new Float32Array(bytes, 0, index + 1).every((value) => value === index));
  });
  assert.equal(await device.read(), []);
  free(...buffers);
});

test('reads of all sizes share few staging buffers', async () => {
  const buffers = Array.from({ length: 32 }, (_, index) => device.allocate(1040 + index * 16, `r${index}`));
  await device.read(buffers[0]!);
  const made = await buffersMadeBy(device, async () => {
    for (const buffer of buffers) await device.read(buffer);
  });
  assert.is(made, 0);
  free(...buffers);
});

test('reads that overlap do not mix', async () => {
  const x = upload(device, [1, 1, 1, 1]);
  const first = device.read(x);
  device.write(x, Float32Array.of(2, 2, 2, 2));
  const second = device.read(x);
  const [[before], [after]] = await Promise.all([first, second]);
  assert.is(new Float32Array(before!)[0], 1);
  assert.is(new Float32Array(after!)[0], 2);
  device.free(x);
});

test('200 eager steps take no more memory than the first', async () => {
  const x = upload(device, new Float32Array(256).fill(0.5));
  const sum = upload(device, new Float32Array(256));
  const step = (): void => device.scope(() => accumulate(device, chain(device, x), sum));
  step();
  await device.synchronize();
  const { bytes, count } = device.pool;
  const made = await buffersMadeBy(device, async () => {
    for (let iteration = 0; iteration < 200; iteration++) step();
    await device.synchronize();
  });
  assert.is(device.pool.bytes, bytes);
  assert.is(device.pool.count, count);
  assert.is(made, 0);
  const [total] = await download(device, sum, 1);
  assert.ok(total! > 201, 'the steps did run');
  free(x, sum);
});

test('200 replays take no memory and make no buffer', async () => {
  const x = upload(device, new Float32Array(256).fill(0.5));
  const sum = upload(device, new Float32Array(256));
  const plan = await device.compile(device.trace(() => accumulate(device, chain(device, x), sum)));
  const { bytes, count } = device.pool;
  const made = await buffersMadeBy(device, async () => {
    for (let iteration = 0; iteration < 200; iteration++) plan.replay();
    await device.synchronize();
  });
  assert.is(made, 0);
  assert.is(device.pool.bytes, bytes);
  assert.is(device.pool.count, count);
  plan.dispose();
  free(x, sum);
});

test('a plan’s temporaries share memory', async () => {
  const x = upload(device, new Float32Array(256));
  const trace = device.trace(() => chain(device, x, 10));
  const plan = await device.compile(trace, [trace.results]);
  assert.is(plan.memory.unsharedBytes, 10 * 1024);
  // Two links alive at a time.
  assert.is(plan.memory.liveBytes, 2 * 1024);
  assert.is(plan.memory.allocatedBytes, 2 * 1024);
  plan.dispose();
  device.free(x);
});

test('a plan’s memory goes back to the pool when it is disposed of, once, and the next plan takes it', async () => {
  device.flush();
  device.pool.trim();
  const x = upload(device, new Float32Array(64).fill(1));
  const record = async () => {
    const trace = device.trace(() => affine(device, x, 2, 1));
    return device.compile(trace, [trace.results]);
  };
  const first = await record();
  const { bytes } = device.pool;
  const result = first.results;
  first.dispose();
  first.dispose();
  assert.throws(() => result.memory, /affine has no memory/);
  const second = await record();
  assert.is(device.pool.bytes, bytes);
  const third = await record();
  assert.is.not(second.results.memory, third.results.memory, 'disposing twice does not give memory to two owners');
  second.dispose();
  third.dispose();
  device.free(x);
});

test('a plan’s result cannot be freed under it', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const trace = device.trace(() => affine(device, x, 1, 0));
  const plan = await device.compile(trace, [trace.results]);
  assert.throws(() => device.free(plan.results), /affine is a plan's: dispose of the plan/);
  plan.dispose();
  device.free(plan.results);
  device.free(x);
});

test('a recording cannot free what it may have used already', () => {
  const x = upload(device, [1, 2, 3, 4], 'weights');
  assert.throws(() => device.trace(() => device.free(x)), /weights cannot be freed within a recording/);
  device.free(x);
});

test('a loop that allocates outside of scopes and frees nothing is warned of, once', async () => {
  const warnings: string[] = [];
  const own = await Device.create(createGpu(), { onWarning: (message) => warnings.push(message) });
  const allocate = (): DeviceBuffer => own.allocate(16, 'a sum');
  for (let step = 0; step < 3000; step++) own.free(allocate());
  for (let step = 0; step < 3000; step++) own.scope(allocate);
  assert.equal(warnings, [], 'memory that does not grow');
  const kept = Array.from({ length: 1500 }, allocate);
  for (let step = 0; step < 3000; step++) kept.push(own.scope(allocate, (buffer) => [buffer]));
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, /^2000 buffers were allocated outside of scopes and not freed, the last one for a sum: /);
  own.destroy();
});

test.run();
