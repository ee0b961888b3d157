/**
 * @file Exports all layers.
 */
export { batchNorm, type BatchNormLayerOptions } from './batchNorm.js';
export {
  conv2d,
  convTranspose2d,
  type ConvLayerOptions,
  upsampledConv2d,
  type UpsampledConvLayerOptions,
} from './conv.js';
export { dense } from './dense.js';
export { dropout } from './dropout.js';
export { groupNorm } from './groupNorm.js';
export type { Builder, Layer, Pass, Substitutes } from './layer.js';
export { layerNorm, type LayerNormLayerOptions } from './layerNorm.js';
export { minibatchStddev, packImages } from './minibatch.js';
export { flatten, lambda, reshapeTo } from './reshape.js';
export { Sequential } from './sequential.js';
export type { WeightedOptions } from './weighted.js';
