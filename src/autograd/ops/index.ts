/**
 * @file Exports all operations: those on tensors, and those that draw tensors.
 */
export * from './random.js';
export * from './tensorOps.js';
