/**
 * @file All differentiable operations.
 */
export { addScalar, neg, scale } from './affine.js';
export * from './activations.js';
export * from './conv.js';
export * from './elementwise.js';
export * from './images/augment.js';
export * from './images/minibatch.js';
export * from './images/pooling.js';
export * from './images/upsample.js';
export * from './indexing.js';
export * from './losses.js';
export * from './matmul.js';
export * from './norm/batchNorm.js';
export * from './norm/groupNorm.js';
export * from './norm/layerNorm.js';
export * from './norm/spectralNorm.js';
export * from './power.js';
export * from './random.js';
export { broadcastTo, mean, reshape, sum, sumTo } from './reduce.js';
export * from './select.js';
export * from './shape.js';
