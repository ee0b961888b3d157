import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { augment, augmentGradient } from '../../src/kernels/augment.js';
import type { AugmentOptions } from '../../src/kernels/options.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededInts } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Small integers: what is moved is compared exactly. */
const integers = (seed: string, shape: readonly number[]): Array64 =>
  array64(shape, seededInts(seed, sizeOf(shape), -99, 99));

/** Of 24 bits, as the generator makes them, with both ends. */
function drawsOf(seed: string, images: number): Array64 {
  const values = seededInts(seed, 4 * images, 0, 2 ** 24 - 1).map((word) => word / 2 ** 24);
  values[0] = 0;
  values[values.length - 1] = 1 - 2 ** -24;
  return array64([images, 4], values);
}

const CASES: readonly (readonly [shape: readonly number[], AugmentOptions])[] = [
  [[1, 1, 1, 1], { shift: [1, 1], hole: [1, 1], fill: 3 }],
  [[3, 5, 3, 1], { shift: [1, 2], fill: -1 }],
  [[7, 3, 5, 3], { hole: [2, 3], fill: -1 }],
  [[5, 9, 7, 2], { shift: [9, 7], hole: [9, 7], fill: 0.5 }],
  [[70, 28, 28, 1], { shift: [4, 4], hole: [14, 14], fill: -1 }],
  [[9, 6, 10, 4], { shift: [0, 3], hole: [5, 0] }],
  [[4, 13, 1, 5], { shift: [2, 0], hole: [3, 1], fill: -1 }],
  [[2, 3, 3, 1], {}],
];

for (const [shape, options] of CASES) {
  const what = `[${shape.join(', ')}] ${JSON.stringify(options)}`;
  const size = sizeOf(shape);
  const draws = drawsOf(what, shape[0]!);

  test(`moves and cuts ${what}, and back`, async () => {
    const x = integers(`x ${what}`, shape);
    const [images, places] = [upload(device, x.data), upload(device, draws.data)];
    const y = await download(device, augment(device, images, places, shape, options), size);
    reference.assertClose(y, reference.augment(x, draws, options).data, 0, what);
    const dx = await download(device, augmentGradient(device, images, places, shape, options), size);
    reference.assertClose(dx, reference.augmentGradient(x, draws, options).data, 0, `${what}, gradient`);
  });
}

test('without a fill the two are adjoint', async () => {
  const shape = [6, 7, 5, 3];
  const options = { shift: [2, 1], hole: [3, 2] } as const;
  const [x, dy] = [integers('x', shape), integers('dy', shape)];
  const draws = upload(device, drawsOf('adjoint', 6).data);
  const size = sizeOf(shape);
  const y = await download(device, augment(device, upload(device, x.data), draws, shape, options), size);
  const dx = await download(device, augmentGradient(device, upload(device, dy.data), draws, shape, options), size);
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
  assert.is(dot(y, dy.data), dot(x.data, dx));
});

test('by hand: one row down, one column to the left, and a hole about the last pixel', async () => {
  const x = upload(device, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const draws = upload(device, [0.9, 0.1, 0.99, 0.99]);
  const y = augment(device, x, draws, [1, 3, 3, 1], { shift: [1, 1], hole: [1, 1], fill: -1 });
  assert.equal([...(await download(device, y, 9))], [-1, -1, -1, 2, 3, -1, 5, 6, -1]);
});

test('every movement and every centre of a hole comes as often as any other', async () => {
  const images = 5 * 4 * 100;
  // A pixel in the middle of five, moved by up to two; a hole of two pixels has six centres.
  const line = Float32Array.from({ length: images * 5 }, (_, at) => Number(at % 5 === 2));
  const draws = Float32Array.from({ length: images * 4 }, (_, at) => (Math.floor(at / 4) + 0.5) / images);
  const moved = augment(device, upload(device, line), upload(device, draws), [images, 1, 5, 1], { shift: [0, 2] });
  const counts = (values: Float32Array, is: number): number[] => {
    return [0, 1, 2, 3, 4].map((place) => values.filter((value, at) => at % 5 === place && value === is).length);
  };
  assert.equal(counts(await download(device, moved, images * 5), 1), [400, 400, 400, 400, 400]);
  const options = { hole: [1, 2], fill: 7 } as const;
  const cut = augment(device, upload(device, line), upload(device, draws), [images, 1, 5, 1], options);
  for (const count of counts(await download(device, cut, images * 5), 7)) assert.ok(Math.abs(count - 667) <= 1);
});

test('refuses what does not fit, by name', () => {
  const [x, draws] = [upload(device, new Float32Array(18)), upload(device, new Float32Array(8))];
  const shape = [2, 3, 3, 1];
  for (const [options, message] of [
    [{ shift: [4, 0] }, /^augment: got x \[2, 3, 3, 1\] and shift \[4, 0\]; it takes rows and columns from 0/],
    [{ hole: [0, 1.5] }, /^augment: got x \[2, 3, 3, 1\] and hole \[0, 1\.5\]/],
    [{ hole: [-1, 0] }, /^augment: got .* hole \[-1, 0\]/],
  ] as const) {
    assert.throws(() => augment(device, x, draws, shape, options), message);
  }
  assert.throws(() => augment(device, x, draws, [2, 9], {}), /^augment: got x \[2, 9\]; it takes x \[N, H, W, C\]/);
  assert.throws(() => augment(device, x, draws, [3, 3, 3, 1], {}), /^augment: got x \[3, 3, 3, 1\] in a buffer/);
  assert.throws(() => augment(device, x, draws, [3, 3, 2, 1], {}), /^augment: got draws \[3, 4\] in a buffer/);
});

test.run();
