/**
 * @file A convolution of an up-sampled image, against the two operations one after the other, and its refusals.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { upsampledConv2d } from '../../src/autograd/ops/index.js';
import { upsampledKernel, upsampledKernelAdjoint } from '../../src/kernels/conv/upsampledKernel.js';
import { roundingBound } from '../../src/kernels/gemm/tolerance.js';
import type { Padding } from '../../src/kernels/options.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray, seededInts } from '../support/random.js';

const device = await openTestDevice();
const engine = new Engine(device);
test.after(() => device.destroy());

/** x [N, H, W, C], w [KH, KW, C, filters] */
interface Case {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly padding?: Padding;
}

const CASES: readonly Case[] = [
  { x: [2, 7, 7, 8], w: [5, 5, 8, 4] },
  { x: [1, 3, 5, 3], w: [3, 3, 3, 2] },
  { x: [2, 4, 3, 8], w: [5, 5, 8, 1] },
  { x: [1, 5, 2, 4], w: [4, 2, 4, 8] },
  { x: [1, 1, 1, 5], w: [7, 7, 5, 3] },
  { x: [3, 2, 2, 1], w: [1, 1, 1, 4] },
  { x: [1, 4, 4, 4], w: [1, 3, 4, 4], padding: 'valid' },
  { x: [2, 3, 4, 2], w: [6, 5, 2, 3], padding: 'valid' },
  { x: [1, 3, 4, 8], w: [5, 4, 8, 8], padding: { top: 4, bottom: 0, left: 1, right: 3 } },
];

for (const { x: xShape, w: wShape, padding } of CASES) {
  const what = `x [${xShape.join(', ')}], w [${wShape.join(', ')}], padding ${JSON.stringify(padding ?? 'same')}`;
  test(`equals up-sampling and a convolution: ${what}`, async () => {
    const [x, w, bias] = [xShape, wShape, [wShape[3]]].map((shape) => seededArray(`${what} ${shape.length}`, shape));
    assert.ok(x && w && bias);
    const y = upsampledConv2d(engine.tensor(x.data, xShape), engine.tensor(w.data, wShape), {
      padding,
      bias: engine.tensor(bias.data, [wShape[3]]),
    });
    const expected = reference.upsampledConv2d(x, w, { padding, bias });
    assert.equal([...y.shape], [...expected.shape]);
    const [absX, absW, absBias] = [x, w, bias].map((array) => reference.abs(array));
    const magnitude = reference.upsampledConv2d(absX!, absW!, { padding, bias: absBias! });
    // A sum of four taps rounds three times before it is multiplied.
    const depth = wShape[0] * wShape[1] * wShape[2] + 3;
    const bounds = Array.from(magnitude.data, (size) => roundingBound(depth, size));
    const got = await download(device, y.buffer, y.size);
    got.forEach((value, i) => assert.ok(Math.abs(value - expected.data[i]!) <= bounds[i]!, `${what}: element ${i}`));
  });
}

/** Small integers: sums of four are exact in float32. */
const integers = (seed: string, shape: readonly number[]): Array64 =>
  array64(shape, seededInts(seed, sizeOf(shape), -99, 99));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

for (const [height, width, channels, filters] of [
  [5, 5, 8, 4],
  [1, 2, 3, 1],
  [4, 3, 1, 5],
  [2, 1, 12, 20],
] as const) {
  test(`a ${height}×${width} kernel's taps are summed in twos, and the adjoint undoes it`, async () => {
    const shape = [height, width, channels, filters] as const;
    const grown = [height + 1, width + 1, filters, channels] as const;
    const [w, dv] = [integers('w', shape), integers('dv', grown)];
    const v = await download(device, upsampledKernel(device, upload(device, w.data), shape), sizeOf(grown));
    const dw = await download(device, upsampledKernelAdjoint(device, upload(device, dv.data), grown), sizeOf(shape));
    assert.is(dot(v, dv.data), dot(w.data, dw));
    assert.is(
      dot(
        v,
        v.map(() => 1),
      ),
      4 *
        dot(
          w.data,
          w.data.map(() => 1),
        ),
    );
  });
}

test('a NaN and an infinity of the kernel reach all pixels that their taps meet', async () => {
  const w = new Float32Array(9);
  w[4] = NaN;
  const y = upsampledConv2d(engine.tensor([1, 1, 1, 1], [1, 2, 2, 1]), engine.tensor(w, [3, 3, 1, 1]));
  assert.ok((await download(device, y.buffer, 16)).every(Number.isNaN));
  w[4] = Infinity;
  const z = upsampledConv2d(engine.tensor([1, 1, 1, 1], [1, 2, 2, 1]), engine.tensor(w, [3, 3, 1, 1]));
  assert.ok((await download(device, z.buffer, 16)).every((value) => !Number.isFinite(value)));
});

test('refuses what does not fit, by name', () => {
  const x = engine.tensor(new Float32Array(8), [1, 2, 2, 2]);
  const w = engine.tensor(new Float32Array(36), [3, 3, 2, 2]);
  const refused =
    (...parameters: Parameters<typeof upsampledConv2d>): (() => unknown) =>
    () =>
      upsampledConv2d(...parameters);
  const other = engine.tensor(new Float32Array(27), [3, 3, 3, 1]);
  assert.throws(refused(x, other), /upsampledConv2d: got x \[1, 2, 2, 2\] and w \[3, 3, 3, 1\].*same C/);
  assert.throws(
    refused(x, w, { padding: { top: 3, bottom: 0, left: 0, right: 0 } }),
    /upsampledConv2d: got padding \[3, 0, 0, 0\] .* for a 3×3 kernel; it takes at most 2 above and below, and 2 at the sides/,
  );
  assert.throws(refused(x, w, { bias: x }), /upsampledConv2d: got bias \[1, 2, 2, 2\]; it takes \[2\]/);
  const large = engine.tensor(new Float32Array(100), [5, 5, 2, 2]);
  assert.throws(refused(x, large, { padding: 'valid' }), /upsampledConv2d: got a 4×4 input, a 5×5 kernel/);
});

test.run();
