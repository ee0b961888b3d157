/**
 * @file Exports the operations whose first operand is a tensor. Each is also a method of tensors, see methods.ts.
 */
export {
  activate,
  gelu,
  type GeluOptions,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from './activations.js';
export { addScalar, neg, scale } from './affine.js';
export * from './dropout.js';
export * from './elementwise.js';
export * from './images/augment.js';
export * from './images/minibatch.js';
export * from './images/pooling.js';
export * from './images/upsample.js';
export * from './indexing.js';
export * from './losses.js';
export * from './norm/batchNorm.js';
export * from './norm/groupNorm.js';
export * from './norm/layerNorm.js';
export * from './norm/spectralNorm.js';
export * from './power.js';
export { conv2d, convTranspose2d, convWeightGradient } from './products/conv.js';
export * from './products/matmul.js';
export * from './products/upsampledConv.js';
export { broadcastTo, mean, reshape, sum, sumTo } from './reduce.js';
export * from './select.js';
export * from './shape.js';
