/**
 * @file Doubling, halving and max-pooling of images, NHWC, and the convolution of a doubled one.
 */
import type { MaxPool2dOptions, UpsampledConv2dOptions } from '../../src/kernels/options.js';
import { conv2d } from './conv.js';
import { type Array64, array64, sameShape, shapeError } from './tensor.js';

/** Nearest neighbour: y[n, i, j, c] = x[n, ⌊i / 2⌋, ⌊j / 2⌋, c]. */
export function upsample2x(x: Array64): Array64 {
  const [batch, height, width, channels] = imageLengths('upsample2x', x);
  const y = array64([batch, height * 2, width * 2, channels]);
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < height * 2; i++)
      for (let j = 0; j < width * 2; j++)
        for (let c = 0; c < channels; c++)
          y.data[at(y, n, i, j, c)] = x.data[at(x, n, Math.floor(i / 2), Math.floor(j / 2), c)]!;
  return y;
}

/** upsample2x's adjoint, and so its gradient: each value is the sum over a 2 × 2 block. */
export function downsampleSum2x(x: Array64): Array64 {
  const [batch, height, width, channels] = imageLengths('downsampleSum2x', x);
  if (height % 2 !== 0 || width % 2 !== 0) throw shapeError('downsampleSum2x', { x }, 'an even height and width');
  const y = array64([batch, height / 2, width / 2, channels]);
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let c = 0; c < channels; c++)
          y.data[at(y, n, Math.floor(i / 2), Math.floor(j / 2), c)]! += x.data[at(x, n, i, j, c)]!;
  return y;
}

/** The definition: the image is enlarged, and then convolved. */
export function upsampledConv2d(x: Array64, w: Array64, options: UpsampledConv2dOptions<Array64> = {}): Array64 {
  return conv2d(upsample2x(x), w, options);
}

/** The largest value of each whole window; rows and columns left over at the end are dropped ('valid'). */
export function maxPool2d(x: Array64, options: MaxPool2dOptions = {}): Array64 {
  const { shape, winners } = maxPoolWinners('maxPool2d', x, options);
  return array64(
    shape,
    winners.map((position) => x.data[position]!),
  );
}

/** maxPool2d's gradient by x: each dy goes to its window's winner, and adds up where windows overlap. */
export function maxPool2dGradient(x: Array64, dy: Array64, options: MaxPool2dOptions = {}): Array64 {
  const { shape, winners } = maxPoolWinners('maxPool2dGradient', x, options);
  if (!sameShape(dy.shape, shape)) throw shapeError('maxPool2dGradient', { x, dy }, `dy [${shape.join(', ')}]`);
  const dx = array64(x.shape);
  winners.forEach((position, output) => (dx.data[position]! += dy.data[output]!));
  return dx;
}

/** Whether a value wins against one before it: it is larger, or the first NaN. */
function beats(value: number, best: number): boolean {
  return !Number.isNaN(best) && (value > best || Number.isNaN(value));
}

/** For each output value the position in x that it is taken from: of equal values the window's first in row-major order. */
function maxPoolWinners(op: string, x: Array64, options: MaxPool2dOptions): { shape: number[]; winners: number[] } {
  const { size = 2 } = options;
  const { stride = size } = options;
  const [batch, height, width, channels] = imageLengths(op, x);
  if (![size, stride].every((length) => Number.isInteger(length) && length >= 1) || size > Math.min(height, width))
    throw shapeError(op, { x }, `a window within the image and a stride of at least 1, not ${size} and ${stride}`);

  const outputHeight = Math.floor((height - size) / stride) + 1;
  const outputWidth = Math.floor((width - size) / stride) + 1;
  const winners: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outputHeight; i++)
      for (let j = 0; j < outputWidth; j++)
        for (let c = 0; c < channels; c++) {
          let winner = at(x, n, i * stride, j * stride, c);
          for (let dy = 0; dy < size; dy++)
            for (let dx = 0; dx < size; dx++) {
              const candidate = at(x, n, i * stride + dy, j * stride + dx, c);
              if (beats(x.data[candidate]!, x.data[winner]!)) winner = candidate;
            }
          winners.push(winner);
        }
  return { shape: [batch, outputHeight, outputWidth, channels], winners };
}

function at({ shape }: Array64, n: number, i: number, j: number, c: number): number {
  return ((n * shape[1]! + i) * shape[2]! + j) * shape[3]! + c;
}

function imageLengths(op: string, x: Array64): [number, number, number, number] {
  if (x.shape.length !== 4) throw shapeError(op, { x }, 'x [N, H, W, C]');
  return [x.shape[0]!, x.shape[1]!, x.shape[2]!, x.shape[3]!];
}
