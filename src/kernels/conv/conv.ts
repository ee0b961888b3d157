/**
 * @file The three bilinear maps of a convolution y = x ∗ w, all of them implicit matrix products:
 *
 * | map | from | to | operand |
 * | --- | --- | --- | --- |
 * | conv2d | x, w | y | patches of x |
 * | convTranspose2d | y, w | x | patches of y, phase by phase |
 * | convWeightGradient | x, y | w | weight gradient |
 *
 * Each is the adjoint of the others in the argument that it lacks, so they are closed under differentiation: every
 * derivative of any order of a convolution is one of these three.
 *
 * Where one side of the convolution has few channels, as the images have, the windows are written out instead, or the
 * products added up by window, so that the product itself is a plain one; see smallChannels.ts.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { isNarrow, narrowConv2d, narrowConvTranspose2d, narrowConvWeightGradient } from './smallChannels.js';
import { partsFor, patchesProblem, weightGradientProblem, type GemmProblem } from '../gemm/problem.js';
import type { Tuner } from '../gemm/tuner.js';
import type { ConvShape, Epilogue, FusedActivation } from '../options.js';

export type { ConvShape } from '../options.js';

export function conv2dProblem(
  shape: ConvShape,
  buffers: { x: DeviceBuffer; w: DeviceBuffer; bias?: DeviceBuffer | undefined; output: DeviceBuffer },
  activation: FusedActivation = 'none',
): GemmProblem {
  const patches = {
    ...shape,
    sourceHeight: shape.height,
    sourceWidth: shape.width,
    depth: shape.channels,
    columns: shape.filters,
    transposed: false,
    weightsByColumn: false,
  };
  const { x, w, bias, output } = buffers;
  return patchesProblem('conv2d', patches, { source: x, weights: w, bias, output }, activation);
}

export function convTranspose2dProblem(
  shape: ConvShape,
  buffers: { y: DeviceBuffer; w: DeviceBuffer; bias?: DeviceBuffer | undefined; output: DeviceBuffer },
  activation: FusedActivation = 'none',
): GemmProblem {
  const patches = {
    ...shape,
    sourceHeight: shape.outputHeight,
    sourceWidth: shape.outputWidth,
    depth: shape.filters,
    outputHeight: shape.height,
    outputWidth: shape.width,
    columns: shape.channels,
    transposed: true,
    weightsByColumn: true,
  };
  const { y, w, bias, output } = buffers;
  return patchesProblem('convTranspose2d', patches, { source: y, weights: w, bias, output }, activation);
}

export function convWeightGradientProblem(
  shape: ConvShape,
  buffers: { x: DeviceBuffer; y: DeviceBuffer; output: DeviceBuffer },
  mostParts = 1,
): GemmProblem {
  const sizes = { ...shape, sourceHeight: shape.height, sourceWidth: shape.width, columns: shape.filters };
  const { x, y, output } = buffers;
  return weightGradientProblem('convWeightGradient', sizes, { source: x, gradient: y, output }, mostParts);
}

/** activation(x ∗ w + bias), [images, outputHeight, outputWidth, filters]; w is [kernelHeight, kernelWidth, channels, filters]. */
export function conv2d(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  { bias, activation = 'none' }: Epilogue = {},
): DeviceBuffer {
  if (isNarrow(shape, device)) return narrowConv2d(device, tuner, x, w, shape, { bias, activation });
  const count = shape.images * shape.outputHeight * shape.outputWidth * shape.filters;
  const output = device.allocate(count * 4, 'conv2d');
  const problem = conv2dProblem(shape, { x, w, bias, output }, activation);
  tuner.dispatch(problem);
  return output;
}

/** activation(adjoint of the convolution applied to y + bias), [images, height, width, channels]. */
export function convTranspose2d(
  device: Device,
  tuner: Tuner,
  y: DeviceBuffer,
  w: DeviceBuffer,
  shape: ConvShape,
  { bias, activation = 'none' }: Epilogue = {},
): DeviceBuffer {
  if (isNarrow(shape, device)) return narrowConvTranspose2d(device, tuner, y, w, shape, { bias, activation });
  const output = device.allocate(shape.images * shape.height * shape.width * shape.channels * 4, 'convTranspose2d');
  const problem = convTranspose2dProblem(shape, { y, w, bias, output }, activation);
  tuner.dispatch(problem);
  return output;
}

/** The gradient by w of ⟨x ∗ w, y⟩, [kernelHeight, kernelWidth, channels, filters]. */
export function convWeightGradient(
  device: Device,
  tuner: Tuner,
  x: DeviceBuffer,
  y: DeviceBuffer,
  shape: ConvShape,
): DeviceBuffer {
  if (isNarrow(shape, device)) return narrowConvWeightGradient(device, tuner, x, y, shape);
  const count = shape.kernelHeight * shape.kernelWidth * shape.channels * shape.filters;
  const output = device.allocate(count * 4, 'convWeightGradient');
  const parts = partsFor(device.workgroupsToFill, count, shape.images * shape.outputHeight * shape.outputWidth);
  const problem = convWeightGradientProblem(shape, { x, y, output }, parts);
  tuner.dispatch(problem);
  return output;
}
