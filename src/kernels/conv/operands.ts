/**
 * @file Defines the operands of the three maps of a convolution.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Epilogue } from '../options.js';
import type { ConvShape } from './geometry.js';

export interface Conv2dOperands extends Epilogue {
  /** [images, height, width, channels] */
  readonly x: DeviceBuffer;
  /** [kernelHeight, kernelWidth, channels, filters] */
  readonly w: DeviceBuffer;
  readonly shape: ConvShape;
}

export interface ConvTranspose2dOperands extends Epilogue {
  /** [images, outputHeight, outputWidth, filters] */
  readonly y: DeviceBuffer;
  /** [kernelHeight, kernelWidth, channels, filters] */
  readonly w: DeviceBuffer;
  readonly shape: ConvShape;
}

export interface ConvWeightGradientOperands {
  /** [images, height, width, channels] */
  readonly x: DeviceBuffer;
  /** [images, outputHeight, outputWidth, filters] */
  readonly y: DeviceBuffer;
  readonly shape: ConvShape;
}
