/**
 * @file Activations, and their gradients as operations of their own, written in the activation's output y so that the
 * fused kernels (bias and activation in the epilogue) need to keep nothing else.
 */
import { binary, unary, type BinaryOp, type UnaryOp } from '../../kernels/elementwise.js';
import type { Activation } from '../../kernels/options.js';
import { softmax as softmaxKernel } from '../../kernels/softmax.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { addScalar, scale } from './affine.js';
import { mul, sub } from './elementwise.js';
import { sum } from './reduce.js';

interface ActivationKernels {
  readonly forward: UnaryOp;
  readonly gradient: BinaryOp;
  readonly scalar: number;
}

function kernelsOf(activation: Exclude<Activation, 'none'>): ActivationKernels {
  switch (activation) {
    case 'relu':
      return { forward: 'relu', gradient: 'reluGradient', scalar: 0 };
    case 'tanh':
      return { forward: 'tanh', gradient: 'tanhGradient', scalar: 0 };
    case 'sigmoid':
      return { forward: 'sigmoid', gradient: 'sigmoidGradient', scalar: 0 };
    default:
      return { forward: 'leakyRelu', gradient: 'leakyReluGradient', scalar: activation.leakyRelu };
  }
}

/** activation(x). */
export function activate(x: Tensor, activation: Activation): Tensor {
  if (activation === 'none') return x;
  const { engine, shape, buffer, size } = x;
  const { forward, scalar } = kernelsOf(activation);
  const y = engine.wrap(unary(engine.device, forward, buffer, size, scalar), shape);
  const output: Tensor = taped(y, forward, [x], (g) => [activationGradient(g, output, activation)]);
  return output;
}

/**
 * dy · activation′, from the activation's output y. Linear in dy; in y it is constant for the piecewise linear ones,
 * −2 y dy for tanh's 1 − y², and (1 − 2y) dy for the sigmoid's y (1 − y).
 */
export function activationGradient(dy: Tensor, y: Tensor, activation: Activation): Tensor {
  if (activation === 'none') return dy;
  const { engine, shape } = dy;
  const { gradient, scalar } = kernelsOf(activation);
  const dx = binary(engine.device, gradient, dy.buffer, shape, y.buffer, y.shape, scalar);
  return taped(engine.wrap(dx, shape), gradient, [dy, y], (g, [, wantsY]) => [
    activationGradient(g, y, activation),
    wantsY === true ? curvature(g, dy, y, activation) : undefined,
  ]);
}

function curvature(g: Tensor, dy: Tensor, y: Tensor, activation: Activation): Tensor | undefined {
  if (activation === 'tanh') return scale(mul(mul(g, dy), y), -2);
  if (activation === 'sigmoid') return mul(mul(g, dy), addScalar(scale(y, -2), 1));
  return undefined;
}

/** max(x, 0), with derivative 0 at 0. */
export function relu(x: Tensor): Tensor {
  return activate(x, 'relu');
}

/** x above zero, slope · x below. */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return activate(x, { leakyRelu: slope });
}

export function tanh(x: Tensor): Tensor {
  return activate(x, 'tanh');
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return activate(x, 'sigmoid');
}

/** ln(1 + eˣ), without overflow. */
export function softplus(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'softplus', buffer, size), shape);
  return taped(y, 'softplus', [x], (g) => [mul(g, sigmoid(x))]);
}

/** eˣ / Σ eˣ over the last axis. */
export function softmax(x: Tensor): Tensor {
  const { engine, shape, size } = x;
  const columns = shape.at(-1);
  if (columns === undefined) throw new Error(`softmax: got a scalar; it takes at least one axis`);
  const y = engine.wrap(softmaxKernel(engine.device, x.buffer, size / columns, columns), shape);
  const output: Tensor = taped(y, 'softmax', [x], (g) => {
    const weighted = mul(g, output);
    return [sub(weighted, mul(output, sum(weighted, { axes: [-1], keepDims: true })))];
  });
  return output;
}
