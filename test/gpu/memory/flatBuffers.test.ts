/**
 * @file Buffers brought together in one memory: nothing but where they lie changes, and what cannot be brought together
 * is left as it is.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import { ValidationError } from '../../../src/gpu/errors.js';
import {
  reserveFlatBuffer,
  packIntoFlatBuffer,
  PART_ALIGNMENT,
  sameLayout,
} from '../../../src/gpu/memory/flatBuffers.js';
import { download, upload } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';
import { accumulate, affine, copy, openDeviceOf, thrownBy } from '../kernels.js';

const device = await openDeviceOf({
  // a = x, b = 2 x, as batch normalisation writes the gradients by its scale and shift in one dispatch.
  'twice.wgsl': `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) { a[id.x] = x[id.x]; b[id.x] = 2 * x[id.x]; }
}`,
  // y = a + b
  'sum.wgsl': `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = a[id.x] + b[id.x]; }
}`,
});
test.after(() => device.destroy());

const COUNTS = [1, 3, 64, 65, 1000];

function onThree(file: string, ...buffers: readonly [DeviceBuffer, DeviceBuffer, DeviceBuffer]): void {
  const workgroups = [Math.ceil(buffers[2].size / 256), 1, 1] as const;
  device.dispatch({ kernel: { name: file, files: [file] }, buffers, workgroups });
}

/** A buffer for each count, of values that are nowhere the same. */
function uploadAll(seed: string, counts = COUNTS): { buffers: DeviceBuffer[]; values: Float32Array[] } {
  const values = counts.map((count) => Float32Array.from(seededNormal(`${seed} ${count}`, count)));
  return { buffers: values.map((array, index) => upload(device, array, `${seed} ${index}`)), values };
}

const downloadAll = (buffers: readonly DeviceBuffer[], counts = COUNTS): Promise<Float32Array[]> =>
  Promise.all(buffers.map((buffer, index) => download(device, buffer, counts[index] ?? 0)));

const free = (buffers: readonly DeviceBuffer[]): void => buffers.forEach((buffer) => device.free(buffer));

test('what is gathered lies in one memory at aligned places, with its values, and zeros between', async () => {
  const { buffers, values } = uploadAll('gathered');
  const { bytes } = device.pool;
  const sizes = buffers.map(({ size }) => size);
  const whole = packIntoFlatBuffer(device, buffers);
  assert.ok(whole);
  assert.equal(await downloadAll(buffers), values);
  assert.is(new Set(buffers.map(({ memory }) => memory)).size, 1);
  assert.equal(
    buffers.map(({ offset }) => offset),
    [0, 256, 512, 768, 1280],
  );
  assert.equal(
    buffers.map(({ size }) => size),
    sizes,
  );
  assert.is(whole.size, 1280 + 4096);
  // The memory that they had is gone: the whole is all that is held more, the padding aside.
  assert.is(device.pool.bytes - bytes, whole.size - sizes.reduce((a, b) => a + b));

  const expected = new Float32Array(whole.size / 4);
  buffers.forEach(({ offset }, index) => expected.set(values[index] ?? [], offset / 4));
  assert.equal(await download(device, whole, expected.length), expected);
  free(buffers);
});

test('parts are written, read and bound where they lie, eagerly and in plans', async () => {
  const { buffers, values } = uploadAll('used');
  const [x, , y] = [buffers[3]!, buffers[0]!, upload(device, new Float32Array(65))];
  packIntoFlatBuffer(device, buffers);
  copy(device, x, y);
  assert.equal(await download(device, y, 65), values[3]);
  device.write(x, Float32Array.of(7), 8);
  const plan = await device.compile(device.trace(() => copy(device, x, y)));
  plan.replay();
  assert.is((await download(device, y, 3))[2], 7);
  copy(device, y, buffers[4]!);
  const all = await downloadAll(buffers);
  assert.equal(all.slice(0, 3), values.slice(0, 3), 'neighbours');
  assert.equal(all[4]?.slice(0, 65), await download(device, y, 65));
  assert.equal(all[4]?.slice(68), values[4]?.slice(68));
  assert.throws(() => device.write(x, new Float32Array(69)), /276 bytes do not fit into buffer used 3/);
  plan.dispose();
  free([...buffers, y]);
});

test('the memory goes back to the pool with the last part, or with the whole', async () => {
  const { buffers } = uploadAll('freed');
  const whole = packIntoFlatBuffer(device, buffers)!;
  const { memory } = whole;
  const [last, ...others] = buffers;
  free([...others, ...others]);
  assert.ok(last?.memory);
  const error = await thrownBy(() => device.read(buffers[1]!));
  assert.match(error.message, /freed 1 has no memory: it was freed/);
  const beside = device.allocate(whole.size, 'beside');
  assert.is.not(beside.memory, memory);
  free([last]);
  assert.is(whole.physical, undefined);
  const after = device.allocate(whole.size, 'after');
  assert.is(after.memory, memory);
  free([beside, after]);

  const again = uploadAll('freed').buffers;
  device.free(packIntoFlatBuffer(device, again)!);
  assert.ok(again.every(({ physical }) => physical === undefined));
});

test('gathering the same again gives the same whole', () => {
  const { buffers } = uploadAll('again');
  const whole = packIntoFlatBuffer(device, buffers);
  assert.is(packIntoFlatBuffer(device, buffers), whole);
  assert.is(packIntoFlatBuffer(device, buffers.slice(1)), undefined);
  assert.is(packIntoFlatBuffer(device, [...buffers].reverse()), undefined);
  free(buffers);
});

test('what cannot be gathered is left as it is', async () => {
  const { buffers, values } = uploadAll('left');
  const [a, b, c] = buffers;
  const gone = device.allocate(16, 'gone');
  device.free(gone);
  assert.is(packIntoFlatBuffer(device, []), undefined);
  assert.is(packIntoFlatBuffer(device, [a!, b!, a!]), undefined, 'twice');
  assert.is(packIntoFlatBuffer(device, [a!, gone]), undefined, 'freed');
  assert.is(device.trace(() => packIntoFlatBuffer(device, [a!, b!])).results, undefined, 'in a recording');
  const plan = await device.compile(device.trace(() => copy(device, b!, c!)));
  assert.is(packIntoFlatBuffer(device, [a!, b!]), undefined, 'bound by a plan');
  assert.equal(await downloadAll(buffers), values);
  plan.replay();
  assert.equal(await download(device, c!, 3), values[1]);
  plan.dispose();
  assert.ok(packIntoFlatBuffer(device, [a!, b!]));
  assert.is(packIntoFlatBuffer(device, [b!, c!]), undefined, 'a part of another whole');
  assert.is(c!.offset, 0);
  free(buffers);
});

/** Records sin(x) + index for each of the buffers, brought together, and copies of them. */
function shifted(inputs: readonly DeviceBuffer[]): { parts: DeviceBuffer[]; whole: DeviceBuffer | undefined } {
  const parts = inputs.map((x, index) => affine(device, x, 1, index));
  return { parts, whole: reserveFlatBuffer(device, parts) };
}

test('what is recorded together lies as what is gathered, and gives the same bits', async () => {
  const { buffers } = uploadAll('recorded');
  const eager = await downloadAll(shifted(buffers).parts);
  const { results, commands } = device.trace(() => {
    const { parts, whole } = shifted(buffers);
    const copied = device.allocate(whole?.size ?? 0, 'copied');
    copy(device, whole!, copied);
    return { parts, whole: whole!, copied };
  });
  assert.ok(sameLayout(results.whole, packIntoFlatBuffer(device, buffers)!));
  assert.is(results.whole.physical, undefined);
  const plan = await device.compile({ results, commands }, [results.copied]);
  plan.replay();
  const all = await download(device, results.copied, results.copied.size / 4);
  results.parts.forEach(({ offset }, index) => {
    assert.is(offset % PART_ALIGNMENT, 0);
    assert.equal(all.slice(offset / 4, offset / 4 + COUNTS[index]!), eager[index]);
  });
  // The whole and the copy of it, once each: the parts take nothing of their own.
  assert.is(plan.memory.unsharedBytes, 2 * results.whole.size);
  assert.throws(() => device.free(results.parts[0]!), /is a plan's/);
  plan.dispose();
  assert.throws(() => results.parts[0]!.memory, /has no memory/);
  free(buffers);
});

test('a part that is a result keeps the whole to the end', async () => {
  const { buffers } = uploadAll('kept');
  const eager = await downloadAll(shifted(buffers).parts);
  const trace = device.trace(() => {
    const { parts } = shifted(buffers);
    // Would take the memory of parts that nobody reads any more.
    const later = buffers.map((x) => affine(device, affine(device, x, 3, 3), 3, 3));
    copy(device, parts[4]!, later[4]!);
    return parts;
  });
  const plan = await device.compile(trace, [trace.results[1]!]);
  plan.replay();
  assert.equal(await downloadAll(trace.results), eager);
  plan.dispose();
  free(buffers);
});

test('what cannot be recorded together is left as it is', async () => {
  const { buffers } = uploadAll('apart');
  assert.is(shifted(buffers).whole, undefined, 'eagerly');
  const huge = device.pool.limit / 2 + 16;
  const plan = await device.compile(
    device.trace(() => {
      const [a, b, c, d] = shifted(buffers).parts;
      const [free1, free2] = [device.allocate(16, 'free 1'), device.allocate(16, 'free 2')];
      assert.is(reserveFlatBuffer(device, []), undefined);
      assert.is(reserveFlatBuffer(device, [a!, b!]), undefined, 'parts of another whole');
      assert.is(reserveFlatBuffer(device, [free1, d!]), undefined, 'one of them a part');
      assert.is(reserveFlatBuffer(device, [free1, free1]), undefined, 'twice');
      assert.is(reserveFlatBuffer(device, [free1, buffers[0]!]), undefined, 'one that has memory');
      assert.is(
        reserveFlatBuffer(device, [device.allocate(huge, 'x'), device.allocate(huge, 'y')]),
        undefined,
        'too large',
      );
      assert.is(free1.whole, undefined);
      assert.ok(reserveFlatBuffer(device, [free1, free2]));
      copy(device, c!, buffers[2]!);
    }),
  );
  plan.replay();
  await device.synchronize();
  plan.dispose();
  free(buffers);
});

test('a dispatch may write two parts, or read two, but not read one and write another', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const y = upload(device, [0, 0, 0, 0]);
  const pair = (): readonly [DeviceBuffer, DeviceBuffer] => [device.allocate(16, 'a'), device.allocate(16, 'b')];
  const plan = await device.compile(
    device.trace(() => {
      const [a, b] = pair();
      onThree('twice.wgsl', x, a, b);
      assert.ok(reserveFlatBuffer(device, [a, b]));
      onThree('sum.wgsl', a, b, y);
    }),
  );
  plan.replay();
  assert.equal(await download(device, y, 4), Float32Array.of(3, 6, 9, 12));
  plan.dispose();

  const apart = await device.compile(
    device.trace(() => {
      const [a, b] = pair();
      copy(device, x, a);
      copy(device, a, b);
      assert.is(reserveFlatBuffer(device, [a, b]), undefined, 'b is made from a');
      onThree('sum.wgsl', a, b, y);
    }),
  );
  apart.replay();
  assert.equal(await download(device, y, 4), Float32Array.of(2, 4, 6, 8));
  apart.dispose();

  const late = device.trace(() => {
    const [a, b] = pair();
    onThree('twice.wgsl', x, a, b);
    reserveFlatBuffer(device, [a, b]);
    accumulate(device, a, b);
  });
  const refusals = [await thrownBy(() => device.compile(late))];
  packIntoFlatBuffer(device, [x, y]);
  refusals.push(await thrownBy(() => accumulate(device, x, y)));
  for (const error of refusals) {
    assert.instance(error, ValidationError);
    assert.match(error.message, /refused accumulate: it writes one part of .* and reads another/);
  }
  assert.equal(await download(device, x, 4), Float32Array.of(1, 2, 3, 4));
  free([x, y]);
});

test.run();
