/**
 * @file All differentiable operations.
 */
export * from './activations.js';
export * from './basics.js';
export * from './batchNorm.js';
export * from './images.js';
export * from './losses.js';
export * from './products.js';
export * from './random.js';
