/**
 * @file Convolutional and transposed convolutional layers.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Padding } from '../../kernels/options.js';
import type { Builder, Layer } from './layer.js';
import { weighted, type WeightedOptions } from './weighted.js';

/** Options of a convolution layer. */
export interface ConvLayerOptions extends WeightedOptions {
  /** Rows and columns of the kernel. */
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** activation(x ∗ kernel + bias), [N, H, W, channels] → [N, H′, W′, filters]. */
export function conv2d(
  builder: Builder,
  name: string,
  channels: number,
  filters: number,
  options: ConvLayerOptions,
): Layer {
  const { size, stride, padding, activation = 'none' } = options;
  const kernelShape = { shape: [size, size, channels, filters], unitAxis: 3 };
  return weighted(builder, name, kernelShape, options, (x, kernel, bias) => {
    return ops.conv2d(x, kernel, { stride, padding, bias, activation });
  });
}

/** activation(transposed convolution + bias), [N, H, W, channels] → [N, H·stride, W·stride, filters] with 'same' padding. */
export function convTranspose2d(
  builder: Builder,
  name: string,
  channels: number,
  filters: number,
  options: ConvLayerOptions,
): Layer {
  const { size, stride, padding, activation = 'none' } = options;
  const kernelShape = { shape: [size, size, filters, channels], unitAxis: 2 };
  return weighted(builder, name, kernelShape, options, (x, kernel, bias) => {
    return ops.convTranspose2d(x, kernel, { stride, padding, bias, activation });
  });
}
