/**
 * @file Matrix products and convolutions, with bias and activation fused into the kernel. All are bilinear, and their
 * derivatives are of the same kind: a matrix product's are matrix products, and of conv2d, convTranspose2d and
 * convWeightGradient each one's derivatives are the other two.
 */
import { biasGradient } from '../../kernels/gemm/bias.js';
import * as kernels from '../../kernels/conv/conv.js';
import { matmul as matmulKernel, matmulTransposed } from '../../kernels/gemm/matmul.js';
import {
  convGeometry,
  convTransposeGeometry,
  type Activation,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  type ConvWeightGradientOptions,
  type EpilogueOptions,
  type MatmulOptions,
} from '../../kernels/options.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { taped } from '../grad.js';
import type { Tensor } from '../tensor.js';
import { activate, activationGradient } from './activations.js';
import { add, sum, transpose } from './basics.js';

/** Puts activation(product + bias) on the tape, given the product's own VJP. */
function withEpilogue(
  op: string,
  buffer: DeviceBuffer,
  shape: readonly number[],
  factors: readonly [Tensor, Tensor],
  { bias, activation = 'none' }: EpilogueOptions<Tensor>,
  vjp: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[],
): Tensor {
  const { engine } = factors[0];
  const inputs = bias === undefined ? factors : [...factors, bias];
  const output: Tensor = taped(engine.wrap(buffer, shape), op, inputs, (dy, wanted) => {
    const [gradient, byBias] = epilogueGradients(dy, output, activation, wanted[2] === true);
    return [...vjp(gradient, wanted), byBias];
  });
  return output;
}

/** The gradients by the product and by its bias: in one pass over the values where nothing is taped. */
function epilogueGradients(
  dy: Tensor,
  y: Tensor,
  activation: Activation,
  wantsBias: boolean,
): readonly [Tensor, Tensor | undefined] {
  const { engine, shape, size } = dy;
  if (wantsBias && activation !== 'none' && !engine.isTaping) {
    const columns = shape.at(-1) ?? 1;
    const options = { dy: dy.buffer, y: y.buffer, rows: size / columns, columns, activation };
    const { dx, dBias } = biasGradient(engine.device, options);
    return [engine.wrap(dx, shape), engine.wrap(dBias, [columns])];
  }
  const gradient = activationGradient(dy, y, activation);
  const axes = shape.slice(0, -1).map((_, axis) => axis);
  return [gradient, wantsBias ? sum(gradient, { axes }) : undefined];
}

function checkBias(op: string, bias: Tensor | undefined, columns: number): void {
  if (bias !== undefined && bias.shape.join() !== columns.toString()) {
    throw new Error(`${op}: got bias [${bias.shape.join(', ')}]; it takes [${columns}], one value a column`);
  }
}

/**
 * activation(a × b + bias) for matrices, either transposed at will.
 *
 * @throws Error naming both shapes when the inner lengths differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions<Tensor> = {}): Tensor {
  const { transposeA = false, transposeB = false, bias, activation = 'none' } = options;
  const [aRows, aColumns, ...aRest] = transposeA ? [...a.shape].reverse() : a.shape;
  const [bRows, bColumns, ...bRest] = transposeB ? [...b.shape].reverse() : b.shape;
  if (
    aRows === undefined ||
    aColumns === undefined ||
    bColumns === undefined ||
    aColumns !== bRows ||
    aRest.length + bRest.length > 0
  ) {
    const turned = (on: boolean): string => (on ? ' transposed' : '');
    throw new Error(
      `matmul: got a [${a.shape.join(', ')}]${turned(transposeA)} and b [${b.shape.join(', ')}]${turned(transposeB)}; ` +
        `it takes [rows, inner] and [inner, columns]`,
    );
  }
  checkBias('matmul', bias, bColumns);
  if (transposeA && transposeB) return epilogue(transpose(matmul(b, a)), options);
  if (transposeA && (bias !== undefined || activation !== 'none')) {
    return epilogue(matmul(a, b, { transposeA }), options);
  }
  const { device, tuner } = a.engine;
  const shape = { rows: aRows, inner: aColumns, columns: bColumns };
  const product = transposeA
    ? matmulTransposed(device, tuner, a.buffer, b.buffer, shape)
    : matmulKernel(device, tuner, a.buffer, b.buffer, shape, { transposeB, bias: bias?.buffer, activation });
  return withEpilogue('matmul', product, [aRows, bColumns], [a, b], options, (g, [wantsA, wantsB]) => {
    const da = (): Tensor =>
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB });
    const db = (): Tensor =>
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA });
    return [wantsA === true ? da() : undefined, wantsB === true ? db() : undefined];
  });
}

/** Bias and activation where the kernel has no epilogue. */
function epilogue(x: Tensor, { bias, activation = 'none' }: EpilogueOptions<Tensor>): Tensor {
  return activate(bias === undefined ? x : add(x, bias), activation);
}

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

function convShapes(op: string, got: ConvTensors, channelsOfW: 2 | 3): { x: Lengths4; w: Lengths4 } {
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
 * activation(x ∗ w + bias), cross-correlation as in all of deep learning.
 *
 * @param x [N, H, W, C]
 * @param w [KH, KW, C, filters]
 * @returns [N, outputHeight, outputWidth, filters]; see `convGeometry`.
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions<Tensor> = {}): Tensor {
  const { x: xs, w: ws } = convShapes('conv2d', { x: x.shape, w: w.shape }, 2);
  const geometry = convGeometry(xs[1], xs[2], ws[0], ws[1], options.stride, options.padding);
  checkBias('conv2d', options.bias, ws[3]);
  const shape = convShape(xs, ws, geometry);
  return conv2dOf(x, w, shape, options);
}

/**
 * activation(the adjoint of x ↦ x ∗ w, applied to x, + bias): what "deconvolution" layers compute.
 *
 * @param x [N, h, w, C]
 * @param w [KH, KW, filters, C], the weights of the convolution that it is the adjoint of.
 * @returns [N, height, width, filters]; see `convTransposeSize`.
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions<Tensor> = {}): Tensor {
  const { x: xs, w: ws } = convShapes('convTranspose2d', { x: x.shape, w: w.shape }, 3);
  const { stride, padding, outputSize } = options;
  const geometry = convTransposeGeometry(xs[1], xs[2], ws[0], ws[1], stride, padding, outputSize);
  checkBias('convTranspose2d', options.bias, ws[2]);
  const shape = convShape([xs[0], geometry.height, geometry.width, ws[2]], ws, geometry);
  return convTranspose2dOf(x, w, shape, options);
}

/**
 * The gradient by w of ⟨x ∗ w, dy⟩.
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
  const geometry = convGeometry(xs[1], xs[2], kernelHeight, kernelWidth, options.stride, options.padding, op);
  const expected = [xs[0], geometry.outputHeight, geometry.outputWidth, ys[3]];
  if (ys.join() !== expected.join()) {
    throw new Error(`${op}: got dy [${ys.join(', ')}]; for x [${xs.join(', ')}] it takes [${expected.join(', ')}]`);
  }
  return convWeightGradientOf(x, dy, convShape(xs, [kernelHeight, kernelWidth, xs[3], ys[3]], geometry));
}

function convShape(x: Lengths4, w: Lengths4, geometry: ReturnType<typeof convGeometry>): kernels.ConvShape {
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

function conv2dOf(x: Tensor, w: Tensor, shape: kernels.ConvShape, options: EpilogueOptions<Tensor> = {}): Tensor {
  const { device, tuner } = x.engine;
  const { bias, activation } = options;
  const y = kernels.conv2d(device, tuner, x.buffer, w.buffer, shape, { bias: bias?.buffer, activation });
  const size = [shape.images, shape.outputHeight, shape.outputWidth, shape.filters];
  return withEpilogue('conv2d', y, size, [x, w], options, (g, [wantsX, wantsW]) => [
    wantsX === true ? convTranspose2dOf(g, w, shape) : undefined,
    wantsW === true ? convWeightGradientOf(x, g, shape) : undefined,
  ]);
}

function convTranspose2dOf(
  y: Tensor,
  w: Tensor,
  shape: kernels.ConvShape,
  options: EpilogueOptions<Tensor> = {},
): Tensor {
  const { device, tuner } = y.engine;
  const { bias, activation } = options;
  const x = kernels.convTranspose2d(device, tuner, y.buffer, w.buffer, shape, { bias: bias?.buffer, activation });
  const size = [shape.images, shape.height, shape.width, shape.channels];
  return withEpilogue('convTranspose2d', x, size, [y, w], options, (g, [wantsY, wantsW]) => [
    wantsY === true ? conv2dOf(g, w, shape) : undefined,
    wantsW === true ? convWeightGradientOf(g, y, shape) : undefined,
  ]);
}

function convWeightGradientOf(x: Tensor, y: Tensor, shape: kernels.ConvShape): Tensor {
  const { device, tuner } = x.engine;
  const w = kernels.convWeightGradient(device, tuner, x.buffer, y.buffer, shape);
  const size = [shape.kernelHeight, shape.kernelWidth, shape.channels, shape.filters];
  return taped(x.engine.wrap(w, size), 'convWeightGradient', [x, y], (g, [wantsX, wantsY]) => [
    wantsX === true ? convTranspose2dOf(y, g, shape) : undefined,
    wantsY === true ? conv2dOf(x, g, shape) : undefined,
  ]);
}
