/**
 * @file Updates of Adam that are thought ahead and never made: differentiable operations in place of the kernel that
 * overwrites parameters and moments, so that what follows from an update has a gradient by all that the update depends on.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { biasCorrection, stepsFromValue } from '../../kernels/optimisers.js';
import { BETA2, type Adam } from './adam.js';

/** What Adam holds of one parameter. */
export interface AdamColumn {
  readonly parameter: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/**
 * Added under the root of the corrected second moment. At 0, where a unit has been dead since the start, the root has an
 * infinite slope, and 0 · ∞ is NaN. Its own root, 1e-15, is nothing beside ε.
 */
const ROOT_EPSILON = 1e-30;

/** Parameters and moments as they are now, in the optimiser's order. @throws Error where it follows a schedule of rates */
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
 * What an update by these gradients would leave, as {@link Adam.update} computes it. Gradients pass to parameters, moments
 * and the gradients given.
 *
 * @param ahead how many updates more than the optimiser's counter tells have been made by then, this one included
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

/** β · mean + (1 − β) · value, by the same roundings as shaders/optimisers/runningMean.wgsl. */
function runningMean(mean: Tensor, value: Tensor, beta: number): Tensor {
  if (stepsFromValue(beta)) return ops.add(value, ops.scale(ops.sub(mean, value), beta));
  return ops.add(mean, ops.scale(ops.sub(value, mean), 1 - beta));
}
