/**
 * @file All differentiable operations.
 */
export * from './activations.js';
export * from './augment.js';
export * from './basics.js';
export * from './batchNorm.js';
export * from './channels.js';
export * from './images.js';
export * from './layerNorm.js';
export * from './losses.js';
export * from './products.js';
export * from './random.js';
export * from './spectralNorm.js';
