/**
 * @file Activations as the constants that shaders know them by.
 */
import type { FusedActivation } from './options.js';

/** The files that define `activate()`, in the order that they are joined in. */
export const ACTIVATION_FILES = ['common/nan.wgsl', 'common/smooth.wgsl', 'common/activation.wgsl'] as const;

/** The files that define `activationGradient()`, likewise. */
export const ACTIVATION_GRADIENT_FILES = ['common/nan.wgsl', 'common/activationGradient.wgsl'] as const;

const CODES = { none: 0, relu: 1, tanh: 3, sigmoid: 4 } as const;

/** ACTIVATION in `shaders/common/activation.wgsl`. */
export function activationCode(activation: FusedActivation): number {
  return typeof activation === 'string' ? CODES[activation] : 2;
}

/** The leaky ReLU's slope below zero; 0 for the others. */
export function activationSlope(activation: FusedActivation): number {
  return typeof activation === 'string' ? 0 : activation.leakyRelu;
}

/**
 * {@link activationSlope} for kernels that take the derivative from the activation's value.
 *
 * @throws Error of a leaky ReLU with a slope below zero, whose value does not tell the input's sign.
 */
export function slopeFromOutput(op: string, activation: FusedActivation): number {
  const slope = activationSlope(activation);
  if (slope < 0) {
    throw new Error(`${op}: got a leaky ReLU of slope ${slope}; it takes one of at least 0, as y must tell x's sign`);
  }
  return slope;
}
