/**
 * @file The options that kernels, differentiable operations and their float64 reference share, and a convolution's geometry.
 *
 * `T` is whatever stands for a tensor there: a GPU buffer with its shape, a node of the tape, an array of the reference.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';

/**
 * Activation that a kernel applies to each value before it writes it; `leakyRelu` is the slope below zero. The derivative of
 * each follows from its value.
 */
export type FusedActivation = 'none' | 'relu' | 'tanh' | 'sigmoid' | { readonly leakyRelu: number };

/** Activation of a layer. The derivatives of GELU and SiLU need the input, so they are operations of their own. */
export type Activation = FusedActivation | 'gelu' | 'geluTanh' | 'silu';

export interface ExplicitPadding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** `'same'` is TensorFlow's: the output has ceil(input / stride) rows, and what cannot be shared evenly goes to the end. */
export type Padding = 'same' | 'valid' | ExplicitPadding;

/** One step for both directions, or [rows, columns]. */
export type Stride = number | readonly [number, number];

export interface EpilogueOptions<T> {
  /** One value for each output channel (conv) or column (matmul). */
  readonly bias?: T | undefined;
  readonly activation?: Activation | undefined;
}

export interface MatmulOptions<T> extends EpilogueOptions<T> {
  readonly transposeA?: boolean | undefined;
  readonly transposeB?: boolean | undefined;
}

export interface ConvWindowOptions {
  /** 1 where absent. */
  readonly stride?: Stride | undefined;
  /** `'same'` where absent. */
  readonly padding?: Padding | undefined;
}

export interface Conv2dOptions<T> extends ConvWindowOptions, EpilogueOptions<T> {}

export interface ConvTranspose2dOptions<T> extends Conv2dOptions<T> {
  /** [height, width]; a stride above 1 leaves several sizes to choose from. See `convTransposeSize` for the default. */
  readonly outputSize?: readonly [number, number] | undefined;
}

export interface ConvWeightGradientOptions extends ConvWindowOptions {
  /** [height, width] */
  readonly kernelSize: readonly [number, number];
}

export interface MaxPool2dOptions {
  /** 2 where absent. */
  readonly size?: number | undefined;
  /** `size` where absent. */
  readonly stride?: number | undefined;
}

export interface ReduceOptions {
  /** All of them where absent; a negative one counts from the end. */
  readonly axes?: readonly number[] | undefined;
  /** Keeps the reduced axes, with length 1. */
  readonly keepDims?: boolean | undefined;
}

export interface BatchNormInferenceOptions {
  readonly epsilon: number;
  readonly activation?: Activation | undefined;
}

export interface BatchNormOptions extends BatchNormInferenceOptions {
  /** Equal parts of the first axis, each normalised by its own statistics; 1 where absent. */
  readonly groups?: number | undefined;
}

export interface LayerNormOptions {
  readonly epsilon: number;
  readonly activation?: Activation | undefined;
}

export interface GroupNormOptions extends LayerNormOptions {
  /** Groups of consecutive channels, each normalised by its own statistics. */
  readonly groups: number;
}

export interface MinibatchStddevOptions {
  /** Equal parts of the first axis, each with a deviation of its own; 1 where absent. */
  readonly groups?: number | undefined;
}

export interface AugmentOptions {
  /** Rows and columns by which an image is moved at most, to either side; not at all where absent. */
  readonly shift?: readonly [rows: number, columns: number] | undefined;
  /** Rows and columns of the hole; none where absent. */
  readonly hole?: readonly [rows: number, columns: number] | undefined;
  /** What comes in from beyond the border, and fills the hole; 0 where absent. */
  readonly fill?: number | undefined;
}

/** Estimates of a weight's first singular vectors, both of length 1, which count as constants. */
export interface SingularVectorsOptions<T> {
  /** [units]: of the side of the outputs. */
  readonly u: T;
  /** [the other axes' size]: of the side of the inputs. */
  readonly v: T;
  /** Of the weight: the one that counts the output units; the last where absent, a negative one counts from the end. */
  readonly axis?: number | undefined;
}

export interface SpectralNormaliseOptions<T> extends SingularVectorsOptions<T> {
  /** uᵀ W v of this very weight, a scalar, where it is known: the power iteration knows it. Computed where absent. */
  readonly sigma?: T | undefined;
}

export interface ConvGeometry {
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  /** Rows of zeros above the input; those below follow from the other sizes. */
  readonly top: number;
  /** Columns of zeros to the left of the input. */
  readonly left: number;
}

/** Sizes of a convolution: x is [images, height, width, channels], y [images, outputHeight, outputWidth, filters]. */
export interface ConvShape extends ConvGeometry {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/** What a product does to its sums before it writes them. */
export interface Epilogue {
  readonly bias?: DeviceBuffer | undefined;
  readonly activation?: FusedActivation | undefined;
}

/**
 * Output size and leading padding of a 2-D convolution.
 *
 * - `'same'`: out = ceil(in / stride); padding in all = max((out − 1) · stride + kernel − in, 0), of which floor(half)
 *   comes first. https://www.tensorflow.org/api_docs/python/tf/nn ("Notes on padding")
 * - `'valid'` is explicit padding by zero, and explicit: out = floor((in + before + after − kernel) / stride) + 1.
 *
 * @param op the operation to name in an error
 */
export function convGeometry(
  inputHeight: number,
  inputWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  stride: Stride = 1,
  padding: Padding = 'same',
  op = 'conv2d',
): ConvGeometry {
  const [strideY, strideX] = stridePair(stride);
  const sizes = [inputHeight, inputWidth, kernelHeight, kernelWidth, strideY, strideX];
  const got =
    `got a ${inputHeight}×${inputWidth} input, a ${kernelHeight}×${kernelWidth} kernel, ` +
    `stride ${strideY}×${strideX} and padding ${describePadding(padding)}`;
  if (!sizes.every(isPositiveInteger)) throw new Error(`${op}: ${got}; sizes and strides are integers of at least 1`);
  checkPadding(op, padding);
  const paddings = typeof padding === 'string' ? [] : [padding.top, padding.bottom, padding.left, padding.right];
  if ([...sizes, ...paddings].some((length) => length > MAX_WINDOW_LENGTH))
    throw new Error(`${op}: ${got}; sizes, strides and paddings are at most ${MAX_WINDOW_LENGTH}`);

  const explicit = padding === 'same' ? undefined : padding === 'valid' ? NO_PADDING : padding;
  const [outputHeight, top] = windows(inputHeight, kernelHeight, strideY, explicit && [explicit.top, explicit.bottom]);
  const [outputWidth, left] = windows(inputWidth, kernelWidth, strideX, explicit && [explicit.left, explicit.right]);
  if (outputHeight < 1 || outputWidth < 1)
    throw new Error(`${op}: ${got}; it takes a kernel no larger than the padded input`);
  return { outputHeight, outputWidth, strideY, strideX, top, left };
}

/**
 * [height, width] of a transposed convolution's output where none is asked for: `'same'` gives in · stride, the others
 * (in − 1) · stride + kernel − padding. A convolution over the result, of the same kernel, has the input's size again.
 */
function convTransposeSize(
  inputHeight: number,
  inputWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  stride: Stride = 1,
  padding: Padding = 'same',
): readonly [number, number] {
  const [strideY, strideX] = stridePair(stride);
  if (padding === 'same') return [inputHeight * strideY, inputWidth * strideX];
  const { top, bottom, left, right } = padding === 'valid' ? NO_PADDING : padding;
  return [
    (inputHeight - 1) * strideY + kernelHeight - top - bottom,
    (inputWidth - 1) * strideX + kernelWidth - left - right,
  ];
}

/**
 * The geometry of the convolution whose adjoint a transposed convolution is. It runs from the transposed one's output
 * back to its input, so `outputHeight` × `outputWidth` here is the input's size, and `height` × `width` the output's.
 */
export function convTransposeGeometry(
  inputHeight: number,
  inputWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  stride: Stride = 1,
  padding: Padding = 'same',
  outputSize?: readonly [number, number],
): ConvGeometry & { readonly height: number; readonly width: number } {
  const op = 'convTranspose2d';
  const [height, width] =
    outputSize ?? convTransposeSize(inputHeight, inputWidth, kernelHeight, kernelWidth, stride, padding);
  const geometry = convGeometry(height, width, kernelHeight, kernelWidth, stride, padding, op);
  const { outputHeight, outputWidth, strideY, strideX } = geometry;
  if (outputHeight !== inputHeight || outputWidth !== inputWidth)
    throw new Error(
      `${op}: got a ${inputHeight}×${inputWidth} input and an output size of ${height}×${width}; a convolution over ` +
        `that output (${kernelHeight}×${kernelWidth} kernel, stride ${strideY}×${strideX}, padding ` +
        `${describePadding(padding)}) is ${outputHeight}×${outputWidth}, and must have the input's size`,
    );
  return { ...geometry, height, width };
}

/** Far beyond what a buffer holds. Places in a padded image then stay below 2³¹, as the kernels' `i32` needs. */
const MAX_WINDOW_LENGTH = 2 ** 29;

const NO_PADDING: ExplicitPadding = { top: 0, bottom: 0, left: 0, right: 0 };

/** How many windows fit along one axis, and the padding before the first. */
function windows(
  input: number,
  kernel: number,
  stride: number,
  explicit: readonly [number, number] | undefined,
): readonly [number, number] {
  if (explicit) {
    const [before, after] = explicit;
    return [Math.floor((input + before + after - kernel) / stride) + 1, before];
  }
  const output = Math.ceil(input / stride);
  const total = Math.max((output - 1) * stride + kernel - input, 0);
  return [output, Math.floor(total / 2)];
}

function stridePair(stride: Stride): readonly [number, number] {
  return typeof stride === 'number' ? [stride, stride] : stride;
}

function checkPadding(op: string, padding: Padding): void {
  if (typeof padding === 'string') return;
  const { top, bottom, left, right } = padding;
  if (![top, bottom, left, right].every((count) => Number.isInteger(count) && count >= 0))
    throw new Error(`${op}: got padding ${describePadding(padding)}; it takes integers of at least 0`);
}

function describePadding(padding: Padding): string {
  if (typeof padding === 'string') return `'${padding}'`;
  const { top, bottom, left, right } = padding;
  return `{top ${top}, bottom ${bottom}, left ${left}, right ${right}}`;
}

function isPositiveInteger(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
