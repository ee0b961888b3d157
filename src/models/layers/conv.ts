/**
 * @file Convolutional layers: plain, transposed, and behind an up-sampling.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Conv2dOptions, Padding } from '../../kernels/options.js';
import type { Builder, Layer } from './layer.js';
import { weighted, type WeightedOptions } from './weighted.js';

/** Options of a convolution layer. */
export interface ConvLayerOptions extends WeightedOptions {
  /** Rows and columns of the kernel. */
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** Options of a convolution layer behind an up-sampling, whose stride is 1. */
export type UpsampledConvLayerOptions = Omit<ConvLayerOptions, 'stride'>;

/** Makes a convolution layer of one operation. */
type ConvLayer<Options> = (
  builder: Builder,
  name: string,
  channels: number,
  filters: number,
  options: Options,
) => Layer;

/** activation(x ∗ kernel + bias), [N, H, W, channels] → [N, H′, W′, filters]. */
export const conv2d: ConvLayer<ConvLayerOptions> = (builder, name, channels, filters, options) => {
  const kernel = { shape: [options.size, options.size, channels, filters], unitAxis: 3 };
  return layer(ops.conv2d, { builder, name, kernel, options });
};

/** activation(transposed convolution + bias), [N, H, W, channels] → [N, H·stride, W·stride, filters] with 'same' padding. */
export const convTranspose2d: ConvLayer<ConvLayerOptions> = (builder, name, channels, filters, options) => {
  const kernel = { shape: [options.size, options.size, filters, channels], unitAxis: 2 };
  return layer(ops.convTranspose2d, { builder, name, kernel, options });
};

/** activation(nearest-neighbour up-sampling ×2 ∗ kernel + bias), [N, H, W, channels] → [N, 2H, 2W, filters] with 'same' padding. */
export const upsampledConv2d: ConvLayer<UpsampledConvLayerOptions> = (builder, name, channels, filters, options) => {
  const kernel = { shape: [options.size, options.size, channels, filters], unitAxis: 3 };
  return layer(ops.upsampledConv2d, { builder, name, kernel, options });
};

interface LayerParts {
  readonly builder: Builder;
  readonly name: string;
  readonly kernel: Parameters<typeof weighted>[2];
  readonly options: UpsampledConvLayerOptions & Partial<ConvLayerOptions>;
}

function layer(
  op: (x: Tensor, w: Tensor, options: Conv2dOptions<Tensor>) => Tensor,
  { builder, name, kernel, options }: LayerParts,
): Layer {
  const { stride, padding, activation = 'none' } = options;
  return weighted(builder, name, kernel, options, (x, weights, bias) => {
    return op(x, weights, { stride, padding, bias, activation });
  });
}
