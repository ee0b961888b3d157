/**
 * @file Convolutions one side of which has few channels: a tile of the implicit product would be mostly empty there, and
 * each of its reads fetches one number where a vec4 costs as much.
 *
 * | map | few channels | one filter, stride 1 |
 * | --- | --- | --- |
 * | conv2d | unfold(x) × w | fold(x × transpose(w)) |
 * | convTranspose2d | fold(y × transpose(w)) | unfold(y) × w |
 * | convWeightGradient | transpose(unfold(x)) × y | transpose(unfold(y)) × x |
 *
 * Weights are [kernelHeight · kernelWidth · channels, filters] on the left, and, since there is one filter,
 * [kernelHeight · kernelWidth, channels] on the right: no weight is moved.
 */
import type { DeviceBuffer } from '../gpu/buffers.js';
import type { Device } from '../gpu/device.js';
import type { Tuner } from './gemm/tuner.js';
import { matmul, matmulTransposed } from './matmul.js';
import type { ConvShape, Epilogue } from './options.js';
import { fold, unfold, unfoldedPitch, type Windows } from './unfold.js';

/** With more channels the implicit product has whole vec4s to read. */
const MOST_CHANNELS = 3;

function taps({ kernelHeight, kernelWidth }: ConvShape): number {
  return kernelHeight * kernelWidth;
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

/** Windows that the pixels of y look at x through. */
function windowsOfX(shape: ConvShape): Windows {
  return {
    ...shape,
    gridHeight: shape.outputHeight,
    gridWidth: shape.outputWidth,
    sourceHeight: shape.height,
    sourceWidth: shape.width,
    transposed: false,
  };
}

/** The same windows seen from the pixels of x. */
function windowsOfY(shape: ConvShape): Windows {
  return {
    ...shape,
    gridHeight: shape.height,
    gridWidth: shape.width,
    sourceHeight: shape.outputHeight,
    sourceWidth: shape.outputWidth,
    transposed: true,
  };
}

function pixelsOfX({ images, height, width }: ConvShape): number {
  return images * height * width;
}

function pixelsOfY({ images, outputHeight, outputWidth }: ConvShape): number {
  return images * outputHeight * outputWidth;
}

function unfolded(device: Device, source: DeviceBuffer, windows: Windows, channels: number): DeviceBuffer {
  const what = JSON.stringify([windows, channels]);
  return device.derivedBuffers.of(source, what, () => unfold(device, source, windows, channels));
}

export function conv2dOfFew(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  const { channels, filters } = shape;
  const windows = windowsOfX(shape);
  return device.scope(
    () => {
      const u = unfolded(device, x, windows, channels);
      const sizes = { rows: pixelsOfY(shape), inner: taps(shape) * channels, columns: filters };
      return matmul(device, tuner, u, w, { ...sizes, pitch: unfoldedPitch(windows, channels) }, epilogue);
    },
    (y) => [y],
  );
}

export function convTranspose2dToFew(
  device: Device,
  tuner: Tuner,
  y: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  const { channels, filters } = shape;
  return device.scope(
    () => {
      const sizes = { rows: pixelsOfY(shape), inner: filters, columns: taps(shape) * channels };
      const products = matmul(device, tuner, y, w, sizes, { transposeB: true });
      return fold(device, products, windowsOfY(shape), channels, epilogue);
    },
    (x) => [x],
  );
}

export function weightGradientOfFew(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  y: DeviceBuffer,
  shape: ConvShape,
): DeviceBuffer {
  const { channels, filters } = shape;
  const windows = windowsOfX(shape);
  return device.scope(
    () => {
      const u = unfolded(device, x, windows, channels);
      const sizes = { rows: taps(shape) * channels, inner: pixelsOfY(shape), columns: filters };
      return matmulTransposed(device, tuner, u, y, { ...sizes, pitch: unfoldedPitch(windows, channels) });
    },
    (w) => [w],
  );
}

export function conv2dToOne(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  return device.scope(
    () => {
      const sizes = { rows: pixelsOfX(shape), inner: shape.channels, columns: taps(shape) };
      const products = matmul(device, tuner, x, w, sizes, { transposeB: true });
      return fold(device, products, windowsOfX(shape), 1, epilogue);
    },
    (y) => [y],
  );
}

export function convTranspose2dOfOne(
  device: Device,
  tuner: Tuner,
  y: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  epilogue: Epilogue,
): DeviceBuffer {
  const windows = windowsOfY(shape);
  return device.scope(
    () => {
      const sizes = { rows: pixelsOfX(shape), inner: taps(shape), columns: shape.channels };
      const u = unfolded(device, y, windows, 1);
      return matmul(device, tuner, u, w, { ...sizes, pitch: unfoldedPitch(windows, 1) }, epilogue);
    },
    (x) => [x],
  );
}

export function weightGradientOfOne(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  y: DeviceBuffer,
  shape: ConvShape,
): DeviceBuffer {
  const windows = windowsOfY(shape);
  return device.scope(
    () => {
      const sizes = { rows: taps(shape), inner: pixelsOfX(shape), columns: shape.channels };
      const u = unfolded(device, y, windows, 1);
      return matmulTransposed(device, tuner, u, x, { ...sizes, pitch: unfoldedPitch(windows, 1) });
    },
    (w) => [w],
  );
}
