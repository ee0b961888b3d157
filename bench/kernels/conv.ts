/**
 * @file Measures convolutions: the layers of both architectures at batch 32, and the 5 × 5 / 2 ones of published DCGANs.
 */
import {
  conv2d,
  conv2dProblem,
  convTranspose2d,
  convTranspose2dProblem,
  convWeightGradient,
  convWeightGradientProblem,
} from '../../src/kernels/conv/conv.js';
import type { Padding } from '../../src/kernels/options.js';
import { convGeometry, type ConvShape } from '../../src/kernels/conv/geometry.js';
import type { Case, Group } from '../support/bench.js';
import { productCase } from '../support/product.js';

const BATCH = 32;

/** Height (and width), channels, filters, kernel, stride. */
type Layer = readonly [number, number, number, number, number, Padding?];

function shapeOf([size, channels, filters, kernel, stride, padding = 'same']: Layer): ConvShape {
  const geometry = convGeometry({
    height: size,
    width: size,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride,
    padding,
  });
  const kernels = { kernelHeight: kernel, kernelWidth: kernel };
  return { images: BATCH, height: size, width: size, channels, filters, ...kernels, ...geometry };
}

/** The three maps of a layer. One kernel is both the gradient by the input and the transposed convolution. */
function layer(...description: Layer): Case[] {
  const shape = shapeOf(description);
  const { height, width, channels, filters, outputHeight, outputWidth, kernelHeight, kernelWidth } = shape;
  const from = `${height}×${width}×${channels}`;
  const to = `${outputHeight}×${outputWidth}×${filters}`;
  const window = `${kernelHeight}×${kernelWidth}/${shape.strideY}`;
  const x = BATCH * height * width * channels;
  const y = BATCH * outputHeight * outputWidth * filters;
  const w = kernelHeight * kernelWidth * channels * filters;
  return [
    productCase(
      `conv2d ${window} ${from} → ${to}`,
      { a: x, b: w, output: y },
      (a, b, output) => conv2dProblem(shape, { x: a, w: b, output }),
      (device, tuner, a, b) => conv2d(device, tuner, { x: a, w: b, shape }),
    ),
    productCase(
      `convTranspose2d ${window} ${to} → ${from}`,
      { a: y, b: w, output: x },
      (a, b, output) => convTranspose2dProblem(shape, { y: a, w: b, output }),
      (device, tuner, a, b) => convTranspose2d(device, tuner, { y: a, w: b, shape }),
    ),
    productCase(
      `by weights ${window} ${from} → ${to}`,
      { a: x, b: y, output: w },
      (a, b, output) => convWeightGradientProblem(shape, { x: a, y: b, output }),
      (device, tuner, a, b) => convWeightGradient(device, tuner, { x: a, y: b, shape }),
    ),
  ];
}

export const convGroup: Group = {
  name: 'conv',
  unit: 'GFLOP/s',
  cases: [
    // dcgan
    ...layer(28, 1, 64, 4, 2),
    ...layer(14, 64, 128, 4, 2),
    // As published elsewhere; the first is the article's too.
    ...layer(28, 1, 64, 5, 2),
    ...layer(14, 64, 128, 5, 2),
    // article
    ...layer(14, 64, 128, 5, 2, 'valid'),
    ...layer(14, 128, 64, 5, 1),
    ...layer(28, 64, 1, 5, 1),
  ],
  note: 'convTranspose2d is also the gradient of its conv2d by the input. Products with padding are counted.',
};
