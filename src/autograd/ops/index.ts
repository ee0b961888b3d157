/**
 * @file Exports all operations: those on tensors, and those that draw tensors.
 */
export { randomNormal, randomOneHot, type RandomSource, randomUniform } from './random.js';
export * from './tensorOps.js';
