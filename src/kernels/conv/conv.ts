/**
 * @file Computes the three bilinear maps of a convolution y = x ∗ w as implicit matrix products:
 *
 * | map | from | to | operand |
 * | --- | --- | --- | --- |
 * | conv2d | x, w | y | patches of x |
 * | convTranspose2d | y, w | x | patches of y, phase by phase |
 * | convWeightGradient | x, y | w | weight gradient |
 *
 * They are closed under differentiation: every derivative of a convolution, of any order, is one of these three.
 *
 * Convolutions with few channels on one side, such as those of images, use plain matrix products; see smallChannelConv.ts.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import type { ConvShape } from './geometry.js';
import type { Conv2dOperands, ConvTranspose2dOperands, ConvWeightGradientOperands } from './operands.js';
import {
  isSmallChannelConv,
  smallChannelConv2d,
  smallChannelConvTranspose2d,
  smallChannelConvWeightGradient,
} from './smallChannelConv.js';
import { partsFor, patchesProblem, weightGradientProblem, type GemmProblem } from '../gemm/problem.js';
import type { Tuner } from '../gemm/tuner.js';
import type { FusedActivation } from '../options.js';

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

/** activation(x ∗ w + bias), [images, outputHeight, outputWidth, filters]. */
export function conv2d(device: Device, tuner: Tuner, operands: Conv2dOperands): DeviceBuffer {
  const { x, w, shape, bias, activation } = operands;
  if (isSmallChannelConv(shape, device)) return smallChannelConv2d(device, tuner, operands);
  const count = shape.images * shape.outputHeight * shape.outputWidth * shape.filters;
  const output = device.allocate(count * 4, 'conv2d');
  tuner.dispatch(conv2dProblem(shape, { x, w, bias, output }, activation));
  return output;
}

/** activation(adjoint of the convolution applied to y + bias), [images, height, width, channels]. */
export function convTranspose2d(device: Device, tuner: Tuner, operands: ConvTranspose2dOperands): DeviceBuffer {
  const { y, w, shape, bias, activation } = operands;
  if (isSmallChannelConv(shape, device)) return smallChannelConvTranspose2d(device, tuner, operands);
  const output = device.allocate(shape.images * shape.height * shape.width * shape.channels * 4, 'convTranspose2d');
  tuner.dispatch(convTranspose2dProblem(shape, { y, w, bias, output }, activation));
  return output;
}

/** Gradient by w of ⟨x ∗ w, y⟩, [kernelHeight, kernelWidth, channels, filters]. */
export function convWeightGradient(device: Device, tuner: Tuner, operands: ConvWeightGradientOperands): DeviceBuffer {
  const { x, y, shape } = operands;
  if (isSmallChannelConv(shape, device)) return smallChannelConvWeightGradient(device, tuner, operands);
  const count = shape.kernelHeight * shape.kernelWidth * shape.channels * shape.filters;
  const output = device.allocate(count * 4, 'convWeightGradient');
  const parts = partsFor(device.workgroupsToFill, count, shape.images * shape.outputHeight * shape.outputWidth);
  tuner.dispatch(convWeightGradientProblem(shape, { x, y, output }, parts));
  return output;
}
