/**
 * @file Convolutions, with bias and activation fused into the kernel. conv2d, convTranspose2d and convWeightGradient are
 * bilinear, and the derivatives of each are the other two.
 */
import * as kernels from '../../../kernels/conv/conv.js';
import {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  type ConvWeightGradientOptions,
  type Epilogue,
  type EpilogueOptions,
} from '../../../kernels/options.js';
import { convGeometry, convTransposeGeometry, type ConvShape } from '../../../kernels/conv/geometry.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { checkBias, withEpilogue } from './epilogue.js';

interface ConvTensors {
  readonly x: readonly number[];
  readonly w: readonly number[];
}

type Lengths4 = readonly [number, number, number, number];

function fourLengths(op: string, name: string, shape: readonly number[], takes: string): Lengths4 {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined || shape.length !== 4) {
    throw new Error(`${op}: got ${name} [${shape.join(', ')}]; it takes ${takes}`);
  }
  return [a, b, c, d];
}

/** Checks x and w, whose axis `channelsOfW` has x's channels. */
export function convShapes(op: string, got: ConvTensors, channelsOfW: 2 | 3): { x: Lengths4; w: Lengths4 } {
  const x = fourLengths(op, 'x', got.x, 'x [N, H, W, C]');
  const w = fourLengths(op, 'w', got.w, channelsOfW === 2 ? 'w [KH, KW, C, filters]' : 'w [KH, KW, filters, C]');
  if (x[3] !== w[channelsOfW]) {
    const takes = channelsOfW === 2 ? 'w [KH, KW, C, filters]' : 'w [KH, KW, filters, C]';
    throw new Error(
      `${op}: got x [${x.join(', ')}] and w [${w.join(', ')}]; it takes x [N, H, W, C] and ${takes} of the same C`,
    );
  }
  return { x, w };
}

/**
 * activation(x ∗ w + bias), a cross-correlation, as in every deep-learning library.
 *
 * @param x [N, H, W, C]
 * @param w [KH, KW, C, filters]
 * @returns [N, outputHeight, outputWidth, filters]; see `convGeometry`.
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions<Tensor> = {}): Tensor {
  const { x: xs, w: ws } = convShapes('conv2d', { x: x.shape, w: w.shape }, 2);
  const geometry = convGeometry({
    height: xs[1],
    width: xs[2],
    kernelHeight: ws[0],
    kernelWidth: ws[1],
    stride: options.stride,
    padding: options.padding,
  });
  checkBias('conv2d', options.bias, ws[3]);
  const shape = convShape(xs, ws, geometry);
  return conv2dOf(x, w, shape, options);
}

/**
 * activation(the adjoint of x ↦ x ∗ w, applied to x, + bias): what "deconvolution" layers compute.
 *
 * @param x [N, h, w, C]
 * @param w [KH, KW, filters, C], the weights of the convolution whose adjoint it is
 * @returns [N, height, width, filters]; see `convTransposeSize`.
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions<Tensor> = {}): Tensor {
  const { x: xs, w: ws } = convShapes('convTranspose2d', { x: x.shape, w: w.shape }, 3);
  const { stride, padding, outputSize } = options;
  const geometry = convTransposeGeometry(
    { height: xs[1], width: xs[2], kernelHeight: ws[0], kernelWidth: ws[1], stride, padding },
    outputSize,
  );
  checkBias('convTranspose2d', options.bias, ws[2]);
  const shape = convShape([xs[0], geometry.height, geometry.width, ws[2]], ws, geometry);
  return convTranspose2dOf(x, w, shape, options);
}

/**
 * Gradient by w of ⟨x ∗ w, dy⟩.
 *
 * @param x [N, H, W, C]
 * @param dy [N, outputHeight, outputWidth, filters]
 * @returns [KH, KW, C, filters]
 */
export function convWeightGradient(x: Tensor, dy: Tensor, options: ConvWeightGradientOptions): Tensor {
  const op = 'convWeightGradient';
  const xs = fourLengths(op, 'x', x.shape, 'x [N, H, W, C]');
  const ys = fourLengths(op, 'dy', dy.shape, 'dy [N, H, W, filters]');
  const [kernelHeight, kernelWidth] = options.kernelSize;
  const geometry = convGeometry(
    { height: xs[1], width: xs[2], kernelHeight, kernelWidth, stride: options.stride, padding: options.padding },
    op,
  );
  const expected = [xs[0], geometry.outputHeight, geometry.outputWidth, ys[3]];
  if (ys.join() !== expected.join()) {
    throw new Error(`${op}: got dy [${ys.join(', ')}]; for x [${xs.join(', ')}] it takes [${expected.join(', ')}]`);
  }
  return convWeightGradientOf(x, dy, convShape(xs, [kernelHeight, kernelWidth, xs[3], ys[3]], geometry));
}

function convShape(x: Lengths4, w: Lengths4, geometry: ReturnType<typeof convGeometry>): ConvShape {
  return {
    ...geometry,
    images: x[0],
    height: x[1],
    width: x[2],
    channels: x[3],
    kernelHeight: w[0],
    kernelWidth: w[1],
    filters: w[3],
  };
}

function conv2dOf(x: Tensor, w: Tensor, shape: ConvShape, options: EpilogueOptions<Tensor> = {}): Tensor {
  const { device, tuner } = x.engine;
  const product = {
    op: 'conv2d',
    factors: [x, w],
    shape: [shape.images, shape.outputHeight, shape.outputWidth, shape.filters],
    run: (epilogue: Epilogue) => kernels.conv2d(device, tuner, { x: x.buffer, w: w.buffer, shape, ...epilogue }),
    vjp: (g: Tensor, [wantsX, wantsW]: readonly boolean[]) => [
      wantsX === true ? convTranspose2dOf(g, w, shape) : undefined,
      wantsW === true ? convWeightGradientOf(x, g, shape) : undefined,
    ],
  } as const;
  return withEpilogue(product, options);
}

function convTranspose2dOf(y: Tensor, w: Tensor, shape: ConvShape, options: EpilogueOptions<Tensor> = {}): Tensor {
  const { device, tuner } = y.engine;
  const product = {
    op: 'convTranspose2d',
    factors: [y, w],
    shape: [shape.images, shape.height, shape.width, shape.channels],
    run: (epilogue: Epilogue) =>
      kernels.convTranspose2d(device, tuner, { y: y.buffer, w: w.buffer, shape, ...epilogue }),
    vjp: (g: Tensor, [wantsY, wantsW]: readonly boolean[]) => [
      wantsY === true ? conv2dOf(g, w, shape) : undefined,
      wantsW === true ? convWeightGradientOf(g, y, shape) : undefined,
    ],
  } as const;
  return withEpilogue(product, options);
}

function convWeightGradientOf(x: Tensor, y: Tensor, shape: ConvShape): Tensor {
  const { device, tuner } = x.engine;
  const w = kernels.convWeightGradient(device, tuner, { x: x.buffer, y: y.buffer, shape });
  const size = [shape.kernelHeight, shape.kernelWidth, shape.channels, shape.filters];
  return taped(x.engine.wrap(w, size), 'convWeightGradient', [x, y], (g, [wantsX, wantsY]) => [
    wantsX === true ? convTranspose2dOf(y, g, shape) : undefined,
    wantsY === true ? conv2dOf(x, g, shape) : undefined,
  ]);
}
