/**
 * @file Divides a weight by an estimate σ of its largest singular value (spectral normalisation, Miyato et al. 2018,
 * https://arxiv.org/abs/1802.05957). This bounds the Lipschitz constant of its layer.
 *
 * σ = uᵀ W v, with the weight as the paper's matrix W, one row for each output unit, and u, v from the power iteration.
 * Gradients flow through σ with u and v as constants: ∂σ/∂W = u vᵀ. This is exact if u and v are the singular vectors,
 * because there the first-order change of σ with them is 0.
 */
import type { SingularVectorsOptions, SpectralNormaliseOptions } from '../../../kernels/options.js';
import { copy } from '../../../kernels/shape/shape.js';
import * as kernels from '../../../kernels/norm/spectralNorm.js';
import { sizeOf } from '../../../kernels/shape/strides.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { neg } from '../affine.js';
import { div, isNotZero, mul, sub } from '../elementwise.js';
import { reshape, sum } from '../reduce.js';
import { zeroToOne } from './guards.js';

/** Options of {@link powerIteration}. */
export interface PowerIterationOptions {
  /** Axis of the weight that counts the output units; the last if absent, a negative one counts from the end. */
  readonly axis?: number | undefined;
  /** Whether u is updated in place on the GPU, so that each replay of a recorded step updates it. */
  readonly moves: boolean;
}

function matrixOf(op: string, weight: Tensor, u: Tensor, axis = -1): kernels.WeightMatrix {
  const { shape } = weight;
  const at = axis < 0 ? axis + shape.length : axis;
  const units = shape[at];
  if (units === undefined || u.shape.length !== 1 || u.size !== units) {
    const got = `got a weight [${shape.join(', ')}], u [${u.shape.join(', ')}] and axis ${axis}`;
    throw new Error(`${op}: ${got}; it takes a u of one value for each entry of that axis`);
  }
  return { outer: sizeOf(shape.slice(0, at)), units, inner: sizeOf(shape.slice(at + 1)) };
}

/**
 * One step of the power iteration from u: estimates of the weight's first singular vectors and of its largest singular
 * value. They are constants.
 *
 * @param u [units], of length 1
 */
export function powerIteration(
  weight: Tensor,
  u: Tensor,
  { axis, moves }: PowerIterationOptions,
): Readonly<Record<'u' | 'v' | 'sigma', Tensor>> {
  const { engine } = weight;
  const matrix = matrixOf('powerIteration', weight, u, axis);
  const found = kernels.powerIteration(engine.device, weight.buffer, u.buffer, matrix);
  // A copy: the backward pass of this use needs these vectors after later uses have updated u.
  if (moves) copy(engine.device, found.u, u.buffer, matrix.units);
  return {
    u: engine.wrap(found.u, [matrix.units]),
    v: engine.wrap(found.v, [matrix.outer * matrix.inner]),
    sigma: engine.wrap(found.sigma, []),
  };
}

/** σ = uᵀ W v, a scalar; u and v are constants. */
export function spectralNorm(weight: Tensor, vectors: SingularVectorsOptions<Tensor>): Tensor {
  return normOf(weight, directionOf('spectralNorm', weight, vectors));
}

/**
 * W / σ; u and v are constants.
 *
 * If σ is 0, as for a kernel of zeros, σ counts as the constant 1: the result is W, with derivatives of every order.
 */
export function spectralNormalise(weight: Tensor, options: SpectralNormaliseOptions<Tensor>): Tensor {
  const op = 'spectralNormalise';
  const direction = directionOf(op, weight, options);
  const { engine, shape } = weight;
  const { sigma: known } = options;
  if (known !== undefined && known.size !== 1) {
    throw new Error(`${op}: got sigma [${known.shape.join(', ')}]; it takes a scalar`);
  }
  const sigma = normOf(weight, direction, known);
  const divisor = zeroToOne(sigma);
  const quotient = engine.noGrad(() => div(weight, divisor));
  // With W̄ = W / σ and G the gradient by W̄: (G − ⟨G, W̄⟩ u vᵀ) / σ (Miyato et al. 2018, equation 12). W̄ and σ are on the
  // tape, so this is right to any order.
  const output: Tensor = taped(engine.wrap(quotient.buffer, shape), op, [weight], (g) => {
    const along = mul(sum(mul(g, output)), isNotZero(sigma));
    return [over(sub(g, mul(direction(), along)), divisor)];
  });
  return output;
}

/** a / s for a scalar s. Unlike in {@link div}, the derivative by s contains no s², which may overflow or underflow. */
function over(a: Tensor, s: Tensor): Tensor {
  const { engine, shape } = a;
  const quotient = engine.noGrad(() => div(a, s));
  const output: Tensor = taped(engine.wrap(quotient.buffer, shape), 'over', [a, s], (g, [wantsA, wantsS]) => [
    wantsA === true ? over(g, s) : undefined,
    wantsS === true ? neg(over(sum(mul(g, output)), s)) : undefined,
  ]);
  return output;
}

/** ⟨W, direction⟩. Computed only if its value is unknown. */
function normOf(weight: Tensor, direction: () => Tensor, known?: Tensor): Tensor {
  const { engine } = weight;
  const { buffer } = known ?? engine.noGrad(() => sum(mul(weight, direction())));
  return taped(engine.wrap(buffer, []), 'spectralNorm', [weight], (g) => [mul(g, direction())]);
}

/** Computes ∂σ/∂W = u vᵀ in the weight's layout. Only the backward pass needs it. */
function directionOf(op: string, weight: Tensor, { u, v, axis }: SingularVectorsOptions<Tensor>): () => Tensor {
  const { outer, units, inner } = matrixOf(op, weight, u, axis);
  if (v.shape.join() !== (outer * inner).toString()) {
    const got = `got a weight [${weight.shape.join(', ')}] of ${units} units and v [${v.shape.join(', ')}]`;
    throw new Error(`${op}: ${got}; it takes [${outer * inner}]`);
  }
  return () => {
    const product = mul(reshape(v.detach(), [outer, 1, inner]), reshape(u.detach(), [units, 1]));
    return reshape(product, weight.shape);
  };
}
