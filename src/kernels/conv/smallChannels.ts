/**
 * @file Convolutions one side of which has few channels: a tile of the implicit product would be mostly empty there, and
 * each of its reads fetches one number where a vec4 costs as much.
 *
 * | map | few channels | one filter, stride 1 |
 * | --- | --- | --- |
 * | conv2d | im2col(x) × w | col2im(x × transpose(w)) |
 * | convTranspose2d | col2im(y × transpose(w)) | im2col(y) × w |
 * | convWeightGradient | transpose(im2col(x)) × y | transpose(im2col(y)) × x |
 *
 * Weights are [kernelHeight · kernelWidth · channels, filters] on the left, and, since there is one filter,
 * [kernelHeight · kernelWidth, channels] on the right: no weight is moved.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import type { Tuner } from '../gemm/tuner.js';
import { matmul, matmulTransposed } from '../gemm/matmul.js';
import type { ConvShape, Epilogue } from '../options.js';
import { col2im, im2col, im2colPitch, type Windows } from './im2col.js';

/** With more channels the implicit product has whole vec4s to read. */
const MOST_CHANNELS = 3;

/** A product with windows over the narrow side: its channels, and the columns of the weights. */
interface Narrow {
  readonly windows: Windows;
  readonly channels: number;
  readonly columns: number;
}

/** x has few channels. */
export function hasFewChannels(shape: ConvShape): boolean {
  return shape.channels <= MOST_CHANNELS && taps(shape) > 1;
}

/** y has one channel. With a stride most of a window's products would be with nothing. */
export function hasOneFilter(shape: ConvShape): boolean {
  const { filters, strideY, strideX } = shape;
  return filters === 1 && strideY === 1 && strideX === 1 && taps(shape) > 1;
}

/** Whether the maps below compute the convolution: not where the matrix of its windows is too large for one buffer. */
export function isNarrow(shape: ConvShape, device: Device): boolean {
  return (hasFewChannels(shape) || hasOneFilter(shape)) && windowBytes(shape) <= device.pool.limit;
}

/** Size of the matrix of windows that the maps below go through. */
function windowBytes(shape: ConvShape): number {
  const { images, height, width, outputHeight, outputWidth, channels } = shape;
  return hasFewChannels(shape)
    ? 4 * images * outputHeight * outputWidth * im2colPitch(windowsOfX(shape), channels)
    : 4 * images * height * width * im2colPitch(windowsOfY(shape), 1);
}

/** As `conv2d` in conv.ts. */
export function narrowConv2d(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  const multiply = hasFewChannels(shape) ? multiplyUnfolded : multiplyAndFold;
  return multiply(device, tuner, x, w, narrow(shape, windowsOfX(shape)), epilogue);
}

/** As `convTranspose2d` in conv.ts. */
export function narrowConvTranspose2d(
  device: Device,
  tuner: Tuner,
  y: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  const multiply = hasFewChannels(shape) ? multiplyAndFold : multiplyUnfolded;
  return multiply(device, tuner, y, w, narrow(shape, windowsOfY(shape)), epilogue);
}

/** As `convWeightGradient` in conv.ts. */
export function narrowConvWeightGradient(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  y: DeviceBuffer,
  shape: ConvShape,
): DeviceBuffer {
  const [windows, source, other] = hasFewChannels(shape) ? [windowsOfX(shape), x, y] : [windowsOfY(shape), y, x];
  const { channels, columns } = narrow(shape, windows);
  return device.scope(
    () => {
      const u = unfolded(device, source, windows, channels);
      const sizes = { rows: taps(shape) * channels, inner: gridPixels(windows), columns };
      return matmulTransposed(device, tuner, u, other, { ...sizes, pitch: im2colPitch(windows, channels) });
    },
    (gradient) => [gradient],
  );
}

/** activation(im2col(source) × w + bias). */
function multiplyUnfolded(
  device: Device,
  tuner: Tuner,
  source: DeviceBuffer,
  w: DeviceBuffer,
  { windows, channels, columns }: Narrow,
  epilogue: Epilogue,
): DeviceBuffer {
  return device.scope(
    () => {
      const u = unfolded(device, source, windows, channels);
      const sizes = { rows: gridPixels(windows), inner: taps(windows) * channels, columns };
      return matmul(device, tuner, u, w, { ...sizes, pitch: im2colPitch(windows, channels) }, epilogue);
    },
    (product) => [product],
  );
}

/** activation(col2im(source × transpose(w)) + bias). */
function multiplyAndFold(
  device: Device,
  tuner: Tuner,
  source: DeviceBuffer,
  w: DeviceBuffer,
  { windows, channels, columns }: Narrow,
  epilogue: Epilogue,
): DeviceBuffer {
  return device.scope(
    () => {
      const sizes = { rows: sourcePixels(windows), inner: columns, columns: taps(windows) * channels };
      const products = matmul(device, tuner, source, w, sizes, { transposeB: true });
      return col2im(device, products, windows, channels, epilogue);
    },
    (folded) => [folded],
  );
}

/** The windows of a source written out: once in a recorded step, whoever asks. */
function unfolded(device: Device, source: DeviceBuffer, windows: Windows, channels: number): DeviceBuffer {
  const what = JSON.stringify([windows, channels]);
  return device.derivedBuffers.of(source, what, () => im2col(device, source, windows, channels));
}

function narrow(shape: ConvShape, windows: Windows): Narrow {
  const { channels, filters } = shape;
  return hasFewChannels(shape) ? { windows, channels, columns: filters } : { windows, channels: 1, columns: channels };
}

/** Windows that the pixels of y look at x through. */
function windowsOfX(shape: ConvShape): Windows {
  const { outputHeight, outputWidth, height, width } = shape;
  const sizes = { gridHeight: outputHeight, gridWidth: outputWidth, sourceHeight: height, sourceWidth: width };
  return { ...shape, ...sizes, transposed: false };
}

/** The same windows seen from the pixels of x. */
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
