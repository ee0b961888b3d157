import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maxPool2d, maxPool2dGather, maxPool2dGradient, poolGeometry } from '../../src/kernels/pooling.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray, seededInts } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Windows that tile, overlap, leave gaps, leave a rest, are the whole image; both alignment paths. */
const CASES = [
  { shape: [1, 2, 2, 1], size: 2, stride: 2 },
  { shape: [2, 7, 5, 3], size: 2, stride: 2 },
  { shape: [2, 7, 5, 3], size: 3, stride: 1 },
  { shape: [1, 11, 13, 65], size: 3, stride: 2 },
  { shape: [3, 8, 9, 4], size: 2, stride: 3 },
  { shape: [2, 7, 9, 8], size: 2, stride: 2 },
  { shape: [2, 7, 10, 12], size: 3, stride: 4 },
  { shape: [2, 5, 5, 8], size: 1, stride: 1 },
  { shape: [2, 5, 5, 8], size: 5, stride: 1 },
  { shape: [1, 9, 7, 64], size: 4, stride: 2 },
  { shape: [4, 24, 24, 32], size: 2, stride: 2 },
] as const;

/** Few different integers: windows tie often, and every float32 sum is exact. */
const integers = (seed: string, shape: readonly number[]): Array64 =>
  array64(shape, seededInts(seed, sizeOf(shape), -3, 3));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

for (const { shape, size, stride } of CASES) {
  const what = `[${shape.join(', ')}], size ${size}, stride ${stride}`;
  const options = { size, stride };
  const { outputShape } = poolGeometry(shape, options);
  const outputs = sizeOf(outputShape);

  test(`largest values of ${what}, with ties and without`, async () => {
    for (const x of [integers(`x ${what}`, shape), seededArray(`x ${what}`, shape)]) {
      const wanted = reference.maxPool2d(x, options);
      assert.equal(outputShape, wanted.shape);
      const y = maxPool2d(device, upload(device, x.data), shape, options);
      reference.assertClose(await download(device, y, outputs), wanted.data, 0, what);
    }
  });

  test(`gradient of ${what}, exactly, the first of equal values winning`, async () => {
    const [x, dy] = [integers(`x ${what}`, shape), integers(`dy ${what}`, outputShape)];
    const dx = maxPool2dGradient(device, upload(device, dy.data), upload(device, x.data), shape, options);
    reference.assertClose(
      await download(device, dx, sizeOf(shape)),
      reference.maxPool2dGradient(x, dy, options).data,
      0,
      what,
    );
  });

  test(`gather of ${what} is the gradient's adjoint`, async () => {
    const [x, dy, values] = [
      integers(`x ${what}`, shape),
      integers(`dy ${what}`, outputShape),
      integers(`values ${what}`, shape),
    ];
    const [xs, dys, vs] = [x, dy, values].map(({ data }) => upload(device, data));
    const gathered = await download(device, maxPool2dGather(device, vs!, xs!, shape, options), outputs);
    const dx = await download(device, maxPool2dGradient(device, dys!, xs!, shape, options), sizeOf(shape));
    assert.is(dot(gathered, dy.data), dot(values.data, dx));
    const own = await download(device, maxPool2dGather(device, xs!, xs!, shape, options), outputs);
    reference.assertClose(own, reference.maxPool2d(x, options).data, 0, what);
  });
}

/** As strings, in which NaN equals NaN and −0 is 0. */
const texts = (values: ArrayLike<number>): string[] => Array.from(values, String);

/** Every value by chance one of few, NaN and both infinities among them. */
const nonFinite = (seed: string, shape: readonly number[]): Array64 => {
  const values = [NaN, NaN, Infinity, -Infinity, -1, 0, 2];
  return array64(
    shape,
    seededInts(seed, sizeOf(shape), 0, values.length - 1).map((at) => values[at]!),
  );
};

for (const { shape, size, stride } of CASES.slice(0, -1)) {
  const what = `[${shape.join(', ')}], size ${size}, stride ${stride}`;
  const options = { size, stride };
  const { outputShape } = poolGeometry(shape, options);

  test(`every window of ${what} has one winner, the first NaN if it holds one`, async () => {
    const [x, dy] = [nonFinite(`x ${what}`, shape), integers(`dy ${what}`, outputShape)];
    const values = integers(`values ${what}`, shape);
    const [xs, dys, vs] = [x, dy, values].map(({ data }) => upload(device, data));
    const y = await download(device, maxPool2d(device, xs!, shape, options), sizeOf(outputShape));
    assert.equal(texts(y), texts(reference.maxPool2d(x, options).data));
    const dx = await download(device, maxPool2dGradient(device, dys!, xs!, shape, options), sizeOf(shape));
    assert.equal(texts(dx), texts(reference.maxPool2dGradient(x, dy, options).data));
    const gathered = await download(device, maxPool2dGather(device, vs!, xs!, shape, options), sizeOf(outputShape));
    assert.is(dot(gathered, dy.data), dot(values.data, dx), 'adjoint');
  });
}

test('a NaN wins wherever it stands, in all kernels', async () => {
  const cases: readonly (readonly [readonly number[], number])[] = [
    [[NaN, 2, 3, 4], 0],
    [[1, NaN, 3, 4], 1],
    [[1, 2, 3, NaN], 3],
    [[Infinity, 2, NaN, NaN], 2],
    [[-Infinity, -Infinity, -Infinity, -Infinity], 0],
    [[-Infinity, -Infinity, -Infinity, Infinity], 3],
    [[-Infinity, -Infinity, -(2 ** 120), -Infinity], 2],
  ];
  for (const channels of [1, 3, 4, 8]) {
    // A stride of 1 takes the kernel for windows that overlap, of which the image has one.
    for (const stride of [1, 2]) {
      for (const [window, winner] of cases) {
        const spread = (values: readonly number[]): number[] =>
          values.flatMap((value) => Array.from({ length: channels }, () => value));
        const [shape, options] = [[1, 2, 2, channels], { size: 2, stride }];
        const x = upload(device, spread(window));
        const what = `[${window.join()}], ${channels} channels, stride ${stride}`;
        const y = await download(device, maxPool2d(device, x, shape, options), channels);
        assert.equal(texts(y), texts(spread([window[winner]!])), what);
        const dy = upload(device, spread([7]));
        const dx = await download(device, maxPool2dGradient(device, dy, x, shape, options), 4 * channels);
        assert.equal([...dx], spread([0, 1, 2, 3].map((at) => (at === winner ? 7 : 0))), what);
      }
    }
  }
});

test('gather, value by value', async () => {
  // x's first 2 × 2 windows have their largest value at bottom left, and (a tie) at top left.
  const x = upload(device, [1, 2, 9, 9, 5, 4, 9, 3]);
  const values = upload(device, [10, 20, 30, 40, 50, 60, 70, 80]);
  const y = maxPool2dGather(device, values, x, [1, 2, 4, 1]);
  assert.equal([...(await download(device, y, 2))], [50, 30]);
});

test('gradient against central differences', async () => {
  // Distinct values, no two within 1: the step of 1e-4 changes no winner.
  const shape = [1, 5, 4, 3];
  const order = seededArray('order', [60]).data;
  const ranks = [...order.keys()].sort((a, b) => order[a]! - order[b]!);
  const x = array64(shape, ranks);
  const options = { size: 3, stride: 1 };
  const dy = seededArray('dy', [1, 3, 2, 3]);
  const [wanted] = reference.centralDifferences(
    (input) => reference.sum(reference.mul(reference.maxPool2d(input, options), dy)),
    [x],
  );
  const dx = maxPool2dGradient(device, upload(device, dy.data), upload(device, x.data), shape, options);
  // Up to six windows add up: 6 · 2⁻²⁴; the differences of numbers near 60 · 18 carry 1e-13 / 1e-4.
  reference.assertClose(await download(device, dx, 60), wanted!.data, 4e-7, 'dx');
});

test('the defaults are windows of 2 that tile', () => {
  assert.equal(poolGeometry([1, 7, 6, 3]), { size: 2, stride: 2, outputShape: [1, 3, 3, 3] });
  assert.equal(poolGeometry([1, 7, 6, 3], { size: 3 }), { size: 3, stride: 3, outputShape: [1, 2, 2, 3] });
});

test('a stride beyond the image leaves one window, however long it is', async () => {
  for (const channels of [3, 4]) {
    const shape = [1, 4, 5, channels];
    const x = upload(device, seededArray('x of one window', shape).data);
    const dy = upload(device, [1, 2, 3, 4]);
    const resultsOf = async (stride: number): Promise<Float32Array[]> => {
      const options = { size: 3, stride };
      return [
        await download(device, maxPool2d(device, x, shape, options), channels),
        await download(device, maxPool2dGradient(device, dy, x, shape, options), 20 * channels),
        await download(device, maxPool2dGather(device, x, x, shape, options), channels),
      ];
    };
    const wanted = await resultsOf(5);
    // In 32 bits these are 0, 2 and 2³¹, whose double is 0.
    for (const stride of [2 ** 32, 2 ** 32 + 2, 2 ** 31]) assert.equal(await resultsOf(stride), wanted, `${stride}`);
  }
});

test('refuses what does not fit, by name', () => {
  const x = upload(device, new Float32Array(16));
  assert.throws(() => maxPool2d(device, x, [4, 4]), /maxPool2d: got x \[4, 4\]; it takes x \[N, H, W, C\]/);
  assert.throws(() => maxPool2d(device, x, [1, 4, 4, 1], { size: 5 }), /maxPool2d: got x \[1, 4, 4, 1\], size 5/);
  assert.throws(() => maxPool2d(device, x, [1, 4, 4, 1], { stride: 0 }), /stride 0; it takes a window/);
  assert.throws(() => maxPool2d(device, x, [1, 4, 4, 2]), /maxPool2d: got x \[1, 4, 4, 2\] in a buffer of 64 bytes/);
  assert.throws(() => maxPool2dGradient(device, x, x, [1, 4, 4, 1], { size: 1, stride: 5 / 2 }), /stride 2\.5/);
  const small = upload(device, [1]);
  assert.throws(
    () => maxPool2dGradient(device, small, x, [1, 4, 4, 1], { size: 2, stride: 1 }),
    /maxPool2dGradient: got dy \[1, 3, 3, 1\]/,
  );
  assert.throws(() => maxPool2dGather(device, small, x, [1, 4, 4, 1]), /maxPool2dGather: got values \[1, 4, 4, 1\]/);
});

test.run();
