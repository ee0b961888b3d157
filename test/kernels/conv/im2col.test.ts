/**
 * @file Windows written out and added up again, and the convolutions with few channels that are made of them, against the
 * float64 reference.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conv2d, convTranspose2d, convWeightGradient } from '../../../src/kernels/conv/conv.js';
import type { ConvShape } from '../../../src/kernels/conv/geometry.js';
import { hasSmallChannelInput, hasOneFilter } from '../../../src/kernels/conv/smallChannelConv.js';
import { Tuner } from '../../../src/kernels/gemm/tuner.js';
import { type Activation, type Padding, type Stride } from '../../../src/kernels/options.js';
import { convGeometry } from '../../../src/kernels/conv/geometry.js';
import { col2im, im2col, im2colPitch, type Windows } from '../../../src/kernels/conv/im2col.js';
import * as reference from '../../reference/ops.js';
import type { Array64 } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
const tuner = new Tuner(device);
test.after(() => device.destroy());

interface Case {
  readonly images?: number;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly stride?: Stride;
  readonly padding?: Padding;
}

/** Few channels with strides 1, 2 and 3, kernels of 1, even and odd sides, and one filter with stride 1. */
const CASES: readonly Case[] = [
  { size: [28, 28], channels: 1, filters: 8, kernel: [4, 4], stride: 2 },
  { size: [9, 7], channels: 1, filters: 5, kernel: [5, 5], stride: 2 },
  { size: [7, 11], channels: 3, filters: 4, kernel: [3, 3] },
  { size: [8, 5], channels: 2, filters: 13, kernel: [1, 4], stride: [1, 3] },
  { size: [6, 6], channels: 3, filters: 1, kernel: [3, 2], stride: 2, padding: 'valid' },
  {
    size: [5, 4],
    channels: 1,
    filters: 3,
    kernel: [2, 2],
    stride: 3,
    padding: { top: 1, bottom: 2, left: 0, right: 3 },
  },
  { size: [9, 8], channels: 8, filters: 1, kernel: [5, 5] },
  { size: [7, 6], channels: 13, filters: 1, kernel: [3, 4], padding: 'valid' },
  { size: [3, 3], channels: 4, filters: 1, kernel: [3, 3], padding: { top: 2, bottom: 0, left: 1, right: 1 } },
  { images: 1, size: [1, 1], channels: 1, filters: 1, kernel: [3, 3] },
];

function shapeOf({ images = 2, size: [height, width], channels, filters, kernel, stride, padding }: Case): ConvShape {
  const geometry = convGeometry({ height, width, kernelHeight: kernel[0], kernelWidth: kernel[1], stride, padding });
  return { images, height, width, channels, filters, kernelHeight: kernel[0], kernelWidth: kernel[1], ...geometry };
}

/** Sums of n products err by at most 2⁻²³ · n · Σ|a||b|, in whatever order. */
function checkClose(what: string, got: Float32Array, expected: Array64, magnitude: Array64, depth: number): void {
  assert.is(got.length, expected.data.length, what);
  expected.data.forEach((value, at) => {
    const allowed = 2 ** -23 * (depth + 1) * (magnitude.data[at] ?? NaN) + 2 ** -19;
    const difference = Math.abs((got[at] ?? NaN) - value);
    assert.ok(difference <= allowed, `${what}: ${got[at]} at ${at}, expected ${value}`);
  });
}

const up = ({ data }: Array64) => upload(device, Float32Array.from(data), 'input');

for (const some of CASES) {
  const title = `${some.channels} channels, ${some.filters} filters, ${some.size.join('×')}, ${some.kernel.join('×')}`;
  test(`convolution, transpose and weight gradient: ${title}`, async () => {
    const shape = shapeOf(some);
    assert.ok(hasSmallChannelInput(shape) || hasOneFilter(shape));
    const { images, height, width, outputHeight, outputWidth, channels, filters } = shape;
    const x = seededArray(`${title} x`, [images, height, width, channels]);
    const w = seededArray(`${title} w`, [...some.kernel, channels, filters]);
    const y = seededArray(`${title} y`, [images, outputHeight, outputWidth, filters]);
    const [absX, absW, absY] = [x, w, y].map(reference.abs);
    assert.ok(absX && absW && absY);
    const { stride, padding } = some;
    const window = { stride, padding };
    const taps = some.kernel[0] * some.kernel[1];

    const forwardBias = seededArray(`${title} bias`, [filters]);
    const activation: Activation = { leakyRelu: 0.2 };
    const forward = conv2d(device, tuner, { x: up(x), w: up(w), shape, bias: up(forwardBias), activation });
    checkClose(
      'conv2d',
      await download(device, forward, y.data.length),
      reference.conv2d(x, w, { ...window, bias: forwardBias, activation }),
      reference.conv2d(absX, absW, { ...window, bias: reference.abs(forwardBias) }),
      taps * channels,
    );

    const back = { ...window, outputSize: [height, width] as const };
    const transposedBias = seededArray(`${title} transposed bias`, [channels]);
    const transposed = convTranspose2d(device, tuner, {
      y: up(y),
      w: up(w),
      shape,
      bias: up(transposedBias),
      activation: 'tanh',
    });
    checkClose(
      'convTranspose2d',
      await download(device, transposed, x.data.length),
      reference.convTranspose2d(y, w, { ...back, bias: transposedBias, activation: 'tanh' }),
      reference.convTranspose2d(absY, absW, { ...back, bias: reference.abs(transposedBias) }),
      taps * filters,
    );

    const kernelSize = some.kernel;
    checkClose(
      'convWeightGradient',
      await download(device, convWeightGradient(device, tuner, { x: up(x), y: up(y), shape }), w.data.length),
      reference.convWeightGradient(x, y, { ...window, kernelSize }),
      reference.convWeightGradient(absX, absY, { ...window, kernelSize }),
      images * outputHeight * outputWidth,
    );
  });
}

/** Seen from x and from y, so that each is the other's source. */
function bothWays(shape: ConvShape): Windows[] {
  const { height, width, outputHeight, outputWidth } = shape;
  const x = { gridHeight: height, gridWidth: width, sourceHeight: outputHeight, sourceWidth: outputWidth };
  const y = { gridHeight: outputHeight, gridWidth: outputWidth, sourceHeight: height, sourceWidth: width };
  return [
    { ...shape, ...y, transposed: false },
    { ...shape, ...x, transposed: true },
  ];
}

test('col2im is the adjoint of im2col: ⟨im2col(x), p⟩ = ⟨x, col2im(p)⟩', async () => {
  for (const some of CASES) {
    const shape = shapeOf(some);
    const channels = 2;
    const [direct, transposed] = bothWays(shape);
    assert.ok(direct && transposed);
    for (const [windows, reverse] of [
      [direct, transposed],
      [transposed, direct],
    ] as const) {
      const { images, gridHeight, gridWidth, sourceHeight, sourceWidth } = windows;
      const columns = some.kernel[0] * some.kernel[1] * channels;
      const pitch = im2colPitch(windows, channels);
      const rows = images * gridHeight * gridWidth;
      const x = seededArray('x', [images, sourceHeight, sourceWidth, channels]);
      const p = seededArray('p', [rows, columns]);
      const u = await download(device, im2col(device, up(x), windows, channels), rows * pitch);
      const f = await download(device, col2im(device, up(p), { windows: reverse, channels }), x.data.length);
      let [left, right] = [0, 0];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < pitch; column++) {
          const value = u[row * pitch + column] ?? NaN;
          if (column >= columns) assert.is(value, 0, 'what fills up a row is zero');
          else left += value * (p.data[row * columns + column] ?? NaN);
        }
      }
      x.data.forEach((value, at) => (right += value * (f[at] ?? NaN)));
      const terms = rows * columns;
      assert.ok(Math.abs(left - right) <= 2 ** -23 * terms, `${JSON.stringify(windows)}: ${left} and ${right}`);
    }
  }
});

test('a recorded step unfolds an image once for the convolution and for its weight gradient', () => {
  const [some] = CASES;
  assert.ok(some);
  const shape = shapeOf(some);
  const w = up(seededArray('w', [4, 4, 1, 8]));
  const trace = device.trace(() => {
    const x = device.allocate(2 * 28 * 28 * 4, 'x');
    const y = conv2d(device, tuner, { x, w, shape });
    return convWeightGradient(device, tuner, { x, y, shape });
  });
  assert.is(trace.commands.filter(({ kernel }) => kernel.name === 'im2col').length, 1);
});

test('refuses buffers that are too small, naming the op', () => {
  const [windows] = bothWays(shapeOf({ size: [8, 8], channels: 1, filters: 1, kernel: [3, 3] }));
  assert.ok(windows);
  const small = device.allocatePersistent(64, 'small');
  assert.throws(() => im2col(device, small, windows, 1), /im2col: got source \[2, 8, 8, 1\] .* it takes 512 bytes/);
  assert.throws(() => col2im(device, small, { windows, channels: 1 }), /col2im: got products \[2, 8, 8, 9\]/);
});

test.run();
