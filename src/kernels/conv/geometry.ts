/**
 * @file Computes the sizes of convolutions and transposed convolutions.
 */
import type { ConvWindowOptions, ExplicitPadding, Padding, Stride } from '../options.js';

/** A kernel over an input image. */
export interface ConvWindow extends ConvWindowOptions {
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
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
  { height: inputHeight, width: inputWidth, kernelHeight, kernelWidth, stride = 1, padding = 'same' }: ConvWindow,
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
 * Default [height, width] of a transposed convolution's output: `'same'` gives in · stride, the others
 * (in − 1) · stride + kernel − padding. A convolution of the same kernel over the result has the input's size again.
 */
function convTransposeSize({
  height: inputHeight,
  width: inputWidth,
  kernelHeight,
  kernelWidth,
  stride = 1,
  padding = 'same',
}: ConvWindow): readonly [number, number] {
  const [strideY, strideX] = stridePair(stride);
  if (padding === 'same') return [inputHeight * strideY, inputWidth * strideX];
  const { top, bottom, left, right } = padding === 'valid' ? NO_PADDING : padding;
  return [
    (inputHeight - 1) * strideY + kernelHeight - top - bottom,
    (inputWidth - 1) * strideX + kernelWidth - left - right,
  ];
}

/**
 * Geometry of the convolution whose adjoint a transposed convolution is. It runs from the transposed convolution's output
 * back to its input: `outputHeight` × `outputWidth` is the input's size, and `height` × `width` the output's.
 *
 * @param outputSize [height, width]; a stride above 1 leaves several sizes to choose from
 * @throws Error if a convolution over an output of that size does not have the input's size
 */
export function convTransposeGeometry(
  input: ConvWindow,
  outputSize = convTransposeSize(input),
): ConvGeometry & { readonly height: number; readonly width: number } {
  const op = 'convTranspose2d';
  const { height: inputHeight, width: inputWidth, kernelHeight, kernelWidth, padding = 'same' } = input;
  const [height, width] = outputSize;
  const geometry = convGeometry({ ...input, height, width }, op);
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
