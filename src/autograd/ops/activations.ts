/**
 * @file Applies activations. The gradients of fused activations are separate operations of the output y, so that a fused
 * kernel (bias and activation in the epilogue) stores only y.
 */
import { binary, unary, type BinaryOp, type UnaryOp } from '../../kernels/elementwise.js';
import type { Activation, FusedActivation } from '../../kernels/options.js';
import { softmax as softmaxKernel } from '../../kernels/softmax.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { addScalar, scale } from './affine.js';
import { add, erf, exp, mul, square, sub } from './elementwise.js';
import { sum } from './reduce.js';
import { clip } from './select.js';

interface ActivationKernels {
  readonly forward: UnaryOp;
  readonly gradient: BinaryOp;
  readonly scalar: number;
}

function kernelsOf(activation: Exclude<FusedActivation, 'none'>): ActivationKernels {
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

const NAMES: readonly string[] = ['none', 'relu', 'tanh', 'sigmoid', 'gelu', 'geluTanh', 'silu'];

/** @throws Error for a value that is no {@link Activation}; JavaScript callers have no types to stop them */
function checkActivation(op: string, activation: unknown): void {
  const isLeaky = typeof activation === 'object' && activation !== null && 'leakyRelu' in activation;
  if (isLeaky ? typeof activation.leakyRelu === 'number' : NAMES.some((name) => name === activation)) return;
  const got = typeof activation === 'string' ? `'${activation}'` : JSON.stringify(activation);
  const takes = `${NAMES.map((name) => `'${name}'`).join(', ')} or { leakyRelu: slope }`;
  throw new Error(`${op}: got ${got}; it takes ${takes}`);
}

/** Whether kernels can fuse the activation. */
function isFused(activation: Activation): activation is FusedActivation {
  return typeof activation !== 'string' || !(activation in GATED);
}

/** Splits an activation into the part that a kernel fuses and the part that follows as a separate operation. */
export function splitActivation(activation: Activation = 'none'): {
  readonly fused: FusedActivation;
  readonly after: Activation;
} {
  checkActivation('activation', activation);
  return isFused(activation) ? { fused: activation, after: 'none' } : { fused: 'none', after: activation };
}

/** activation(x). @throws Error for an unknown activation */
export function activate(x: Tensor, activation: Activation): Tensor {
  checkActivation('activate', activation);
  if (activation === 'none') return x;
  if (!isFused(activation)) return gated(x, activation);
  const { engine, shape, buffer, size } = x;
  const { forward, scalar } = kernelsOf(activation);
  const y = engine.wrap(unary(engine.device, forward, buffer, size, scalar), shape);
  const output: Tensor = taped(y, forward, [x], (g) => [activationGradient(g, output, activation)]);
  return output;
}

/**
 * dy · activation′, from the activation's output y. Linear in dy. The derivative by y is 0 for the piecewise linear ones,
 * −2 y dy for tanh's 1 − y², and (1 − 2y) dy for the sigmoid's y (1 − y).
 */
export function activationGradient(dy: Tensor, y: Tensor, activation: FusedActivation): Tensor {
  if (activation === 'none') return dy;
  const { engine, shape } = dy;
  const { gradient, scalar } = kernelsOf(activation);
  const dx = binary(engine.device, gradient, dy.buffer, shape, y.buffer, y.shape, scalar);
  return taped(engine.wrap(dx, shape), gradient, [dy, y], (g, [, wantsY]) => [
    activationGradient(g, y, activation),
    wantsY === true ? curvature(g, dy, y, activation) : undefined,
  ]);
}

function curvature(g: Tensor, dy: Tensor, y: Tensor, activation: FusedActivation): Tensor | undefined {
  if (activation === 'tanh') return scale(mul(mul(g, dy), y), -2);
  if (activation === 'sigmoid') return mul(mul(g, dy), addScalar(scale(y, -2), 1));
  return undefined;
}

/** max(x, 0), with derivative 0 at 0. */
export function relu(x: Tensor): Tensor {
  return activate(x, 'relu');
}

/** x if positive, else slope · x (Maas et al. 2013). */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return activate(x, { leakyRelu: slope });
}

/** tanh x. */
export function tanh(x: Tensor): Tensor {
  return activate(x, 'tanh');
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return activate(x, 'sigmoid');
}

type Gated = Exclude<Activation, FusedActivation>;

interface GatedKernels {
  readonly slopeKernel: UnaryOp;
  /** The derivative in differentiable operations. */
  readonly slope: (x: Tensor) => Tensor;
}

const TANH_GATE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;
/** From here on the tanh gate is exactly 0 or 1, and the gradient constant; the cube of a larger x may overflow. */
const TANH_GATE_LIMIT = 16;

/** Activations x · gate(x). Their derivatives need x. */
const GATED: Readonly<Record<Gated, GatedKernels>> = {
  gelu: {
    slopeKernel: 'geluSlope',
    slope: (x) => {
      const density = scale(exp(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return add(scale(addScalar(erf(scale(x, Math.SQRT1_2)), 1), 0.5), mul(x, density));
    },
  },
  geluTanh: {
    slopeKernel: 'geluTanhSlope',
    slope: (unbounded) => {
      const x = clip(unbounded, -TANH_GATE_LIMIT, TANH_GATE_LIMIT);
      const gate = scale(mul(x, addScalar(scale(square(x), CUBIC), 1)), TANH_GATE);
      return sigmoidGateSlope(x, gate, scale(addScalar(scale(square(x), 3 * CUBIC), 1), TANH_GATE));
    },
  },
  silu: { slopeKernel: 'siluSlope', slope: (x) => sigmoidGateSlope(x, x) },
};

/** The derivative of x σ(v): σ(v) (1 + x (1 − σ(v)) v′). If absent, v′ is 1. */
function sigmoidGateSlope(x: Tensor, v: Tensor, slope?: Tensor): Tensor {
  const s = sigmoid(v);
  const inner = mul(x, addScalar(scale(s, -1), 1));
  return mul(s, addScalar(slope === undefined ? inner : mul(inner, slope), 1));
}

function gated(x: Tensor, activation: Gated): Tensor {
  const { engine, shape, buffer, size } = x;
  const { slopeKernel, slope } = GATED[activation];
  const y = engine.wrap(unary(engine.device, activation, buffer, size), shape);
  return taped(y, activation, [x], (g) => {
    const derivative = engine.isTaping ? slope(x) : engine.wrap(unary(engine.device, slopeKernel, buffer, size), shape);
    return [mul(g, derivative)];
  });
}

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** `erf` (if absent): x Φ(x). `tanh`: the approximation x σ(2 √(2/π) (x + 0.044715 x³)), as in GPT-2. */
  readonly form?: 'erf' | 'tanh' | undefined;
}

/** GELU (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415). −∞ gives NaN. */
export function gelu(x: Tensor, { form = 'erf' }: GeluOptions = {}): Tensor {
  return activate(x, form === 'erf' ? 'gelu' : 'geluTanh');
}

/** SiLU or swish, x σ(x) (Elfwing et al. 2017, https://arxiv.org/abs/1702.03118). −∞ gives NaN. */
export function silu(x: Tensor): Tensor {
  return activate(x, 'silu');
}

/** ln(1 + eˣ), without overflow. */
export function softplus(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'softplus', buffer, size), shape);
  return taped(y, 'softplus', [x], (g) => [mul(g, sigmoid(x))]);
}

/** eˣ / Σ eˣ over the last axis. @throws Error for a scalar */
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
