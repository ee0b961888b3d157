/**
 * @file Activations as the constants that shaders know them by.
 */
import type { Activation } from './options.js';

/** The files that define `activate()`, in the order that they are joined in. */
export const ACTIVATION_FILES = ['smooth.wgsl', 'activation.wgsl'] as const;

const CODES = { none: 0, relu: 1, tanh: 3, sigmoid: 4 } as const;

/** ACTIVATION in `shaders/activation.wgsl`. */
export function activationCode(activation: Activation): number {
  return typeof activation === 'string' ? CODES[activation] : 2;
}

/** The leaky ReLU's slope below zero; 0 for the others. */
export function activationSlope(activation: Activation): number {
  return typeof activation === 'string' ? 0 : activation.leakyRelu;
}
