/**
 * @file Computes convolutions that have few channels on one side by plain matrix products. A tile of the implicit product
 * would be mostly empty there, and each read would fetch one number at the cost of a vec4.
 *
 * | map | few channels | one filter, stride 1 |
 * | --- | --- | --- |
 * | conv2d | im2col(x) × w | col2im(x × transpose(w)) |
 * | convTranspose2d | col2im(y × transpose(w)) | im2col(y) × w |
 * | convWeightGradient | transpose(im2col(x)) × y | transpose(im2col(y)) × x |
 *
 * Weights are used as they lie in memory: [kernelHeight · kernelWidth · channels, filters] on the left, and with one
 * filter [kernelHeight · kernelWidth, channels] on the right.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import type { Tuner } from '../gemm/tuner.js';
import { matmul, matmulTransposed } from '../gemm/matmul.js';
import type { Epilogue } from '../options.js';
import type { ConvShape } from './geometry.js';
import type { Conv2dOperands, ConvTranspose2dOperands, ConvWeightGradientOperands } from './operands.js';
import { col2im, im2col, im2colPitch, type Windows } from './im2col.js';

/** With more channels the implicit product reads whole vec4s. */
const MOST_CHANNELS = 3;

/** Windows over the side with few channels, its channels, and the columns of the weights. */
interface Narrow {
  readonly windows: Windows;
  readonly channels: number;
  readonly columns: number;
}

interface NarrowProduct extends Narrow, Epilogue {
  readonly source: DeviceBuffer;
  readonly w: DeviceBuffer;
}

/** Whether x has few channels. */
export function hasSmallChannelInput(shape: ConvShape): boolean {
  return shape.channels <= MOST_CHANNELS && taps(shape) > 1;
}

/** Whether y has one channel and the strides are 1. With larger strides most products of a window would be unused. */
export function hasOneFilter(shape: ConvShape): boolean {
  const { filters, strideY, strideX } = shape;
  return filters === 1 && strideY === 1 && strideX === 1 && taps(shape) > 1;
}

/** Whether the functions below compute the convolution. They do not if the matrix of its windows exceeds one buffer. */
export function isSmallChannelConv(shape: ConvShape, device: Device): boolean {
  return (hasSmallChannelInput(shape) || hasOneFilter(shape)) && windowBytes(shape) <= device.pool.limit;
}

/** Size of the matrix of windows, in bytes. */
function windowBytes(shape: ConvShape): number {
  const { images, height, width, outputHeight, outputWidth, channels } = shape;
  return hasSmallChannelInput(shape)
    ? 4 * images * outputHeight * outputWidth * im2colPitch(windowsOfX(shape), channels)
    : 4 * images * height * width * im2colPitch(windowsOfY(shape), 1);
}

/** As `conv2d` in conv.ts. */
export function smallChannelConv2d(device: Device, tuner: Tuner, { x, shape, ...rest }: Conv2dOperands): DeviceBuffer {
  const multiply = hasSmallChannelInput(shape) ? multiplyWindows : multiplyAndAddWindows;
  return multiply(device, tuner, { source: x, ...rest, ...narrow(shape, windowsOfX(shape)) });
}

/** As `convTranspose2d` in conv.ts. */
export function smallChannelConvTranspose2d(
  device: Device,
  tuner: Tuner,
  { y, shape, ...rest }: ConvTranspose2dOperands,
): DeviceBuffer {
  const multiply = hasSmallChannelInput(shape) ? multiplyAndAddWindows : multiplyWindows;
  return multiply(device, tuner, { source: y, ...rest, ...narrow(shape, windowsOfY(shape)) });
}

/** As `convWeightGradient` in conv.ts. */
export function smallChannelConvWeightGradient(
  device: Device,
  tuner: Tuner,
  { x, y, shape }: ConvWeightGradientOperands,
): DeviceBuffer {
  const isInput = hasSmallChannelInput(shape);
  const [windows, source, b] = isInput ? [windowsOfX(shape), x, y] : [windowsOfY(shape), y, x];
  const { channels, columns } = narrow(shape, windows);
  return device.scope(
    () => {
      const a = windowMatrix(device, source, windows, channels);
      const sizes = { rows: taps(shape) * channels, inner: gridPixels(windows), columns };
      return matmulTransposed(device, tuner, { a, b, shape: { ...sizes, pitch: im2colPitch(windows, channels) } });
    },
    (gradient) => [gradient],
  );
}

/** activation(im2col(source) × w + bias). */
function multiplyWindows(device: Device, tuner: Tuner, product: NarrowProduct): DeviceBuffer {
  const { source, w, windows, channels, columns, bias, activation } = product;
  return device.scope(
    () => {
      const a = windowMatrix(device, source, windows, channels);
      const sizes = { rows: gridPixels(windows), inner: taps(windows) * channels, columns };
      const shape = { ...sizes, pitch: im2colPitch(windows, channels) };
      return matmul(device, tuner, { a, b: w, shape, bias, activation });
    },
    (sums) => [sums],
  );
}

/** activation(col2im(source × transpose(w)) + bias). */
function multiplyAndAddWindows(device: Device, tuner: Tuner, product: NarrowProduct): DeviceBuffer {
  const { source, w, windows, channels, columns, bias, activation } = product;
  return device.scope(
    () => {
      const shape = { rows: sourcePixels(windows), inner: columns, columns: taps(windows) * channels };
      const products = matmul(device, tuner, { a: source, b: w, shape, transposeB: true });
      return col2im(device, products, { windows, channels, bias, activation });
    },
    (sums) => [sums],
  );
}

/** {@link im2col} of a source, computed once in a recorded step. */
function windowMatrix(device: Device, source: DeviceBuffer, windows: Windows, channels: number): DeviceBuffer {
  const key = JSON.stringify([windows, channels]);
  return device.derivedBuffers.of(source, key, () => im2col(device, source, windows, channels));
}

function narrow(shape: ConvShape, windows: Windows): Narrow {
  const { channels, filters } = shape;
  return hasSmallChannelInput(shape)
    ? { windows, channels, columns: filters }
    : { windows, channels: 1, columns: channels };
}

/** Windows over x, one for each pixel of y. */
function windowsOfX(shape: ConvShape): Windows {
  const { outputHeight, outputWidth, height, width } = shape;
  const sizes = { gridHeight: outputHeight, gridWidth: outputWidth, sourceHeight: height, sourceWidth: width };
  return { ...shape, ...sizes, transposed: false };
}

/** The same windows as seen from the pixels of x. */
function windowsOfY(shape: ConvShape): Windows {
  const { outputHeight, outputWidth, height, width } = shape;
  const sizes = { gridHeight: height, gridWidth: width, sourceHeight: outputHeight, sourceWidth: outputWidth };
  return { ...shape, ...sizes, transposed: true };
}

function taps({ kernelHeight, kernelWidth }: ConvShape | Windows): number {
  return kernelHeight * kernelWidth;
}

function gridPixels({ images, gridHeight, gridWidth }: Windows): number {
  return images * gridHeight * gridWidth;
}

function sourcePixels({ images, sourceHeight, sourceWidth }: Windows): number {
  return images * sourceHeight * sourceWidth;
}
