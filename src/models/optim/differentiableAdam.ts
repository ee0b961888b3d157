/**
 * @file Computes differentiable Adam updates: parameters and moments stay unchanged, and gradients flow through the update
 * to everything that it depends on.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { biasCorrection, stepsFromValue } from '../../kernels/optimisers.js';
import { BETA2, type Adam } from './adam.js';

/** A parameter and its Adam moments. */
export interface AdamColumn {
  readonly parameter: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/**
 * Added under the root of the corrected second moment. At 0, as for a unit that has been dead since the start, the root
 * has an infinite slope, and 0 · ∞ is NaN. Its root, 1e-15, is negligible beside ε.
 */
const ROOT_EPSILON = 1e-30;

/** Current parameters and moments, in the optimiser's order. @throws Error if the optimiser has a learning-rate schedule, or
 * other parameters */
export function columnsOf(adam: Adam, parameters: readonly Tensor[]): AdamColumn[] {
  const { state, settings } = adam;
  if (settings.schedule !== undefined) throw new Error('columnsOf: Adam follows a schedule, which cannot be unrolled');
  return parameters.map((parameter, index) => {
    const [firstMoment, secondMoment] = [state[index], state[parameters.length + index]];
    if (firstMoment === undefined || secondMoment === undefined || 2 * parameters.length !== state.length) {
      throw new Error(`columnsOf: got ${parameters.length} parameters; Adam holds ${state.length / 2}`);
    }
    return { parameter, firstMoment, secondMoment };
  });
}

/**
 * Parameters and moments after an update with these gradients, as {@link Adam.step} computes them. Gradients flow to
 * parameters, moments and `gradients`.
 *
 * @param ahead number of unrolled updates, including this one, since the optimiser's counter
 */
export function unrolledUpdate(
  adam: Adam,
  columns: readonly AdamColumn[],
  gradients: readonly Tensor[],
  ahead: number,
): AdamColumn[] {
  const { learningRate, beta1 = 0.9, beta2 = BETA2, epsilon = 1e-8, weightDecay = 0 } = adam.settings;
  const { engine, stepCounter: step } = adam;
  const correction = (beta: number): Tensor => {
    return engine.wrap(biasCorrection(engine.device, { step, ahead, beta }), []);
  };
  const rate = ops.scale(ops.reciprocal(correction(beta1)), learningRate);
  const correction2 = correction(beta2);
  return columns.map(({ parameter, ...moments }, index) => {
    const gradient = gradients[index];
    if (gradient === undefined) throw new Error('unrolledUpdate: a gradient is missing');
    const firstMoment = runningMean(moments.firstMoment, gradient, beta1);
    const secondMoment = runningMean(moments.secondMoment, ops.square(gradient), beta2);
    const root = ops.sqrt(ops.addScalar(ops.div(secondMoment, correction2), ROOT_EPSILON));
    const change = ops.div(ops.mul(firstMoment, rate), ops.addScalar(root, epsilon));
    const kept = weightDecay === 0 ? parameter : ops.scale(parameter, 1 - learningRate * weightDecay);
    return { parameter: ops.sub(kept, change), firstMoment, secondMoment };
  });
}

/** β · mean + (1 − β) · value, with the same rounding as shaders/optimisers/runningMean.wgsl. */
function runningMean(mean: Tensor, value: Tensor, beta: number): Tensor {
  if (stepsFromValue(beta)) return ops.add(value, ops.scale(ops.sub(mean, value), beta));
  return ops.add(mean, ops.scale(ops.sub(value, mean), 1 - beta));
}
