/**
 * @file Normalises by batch statistics (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167), with a fused activation.
 * The backward pass is one fused kernel, or the same formula in differentiable operations if it is recorded on the tape.
 */
import * as kernels from '../../../kernels/norm/batchNorm.js';
import type { BatchNormInferenceOptions, BatchNormOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { activate, activationGradient, splitActivation } from '../activations.js';
import { addScalar } from '../affine.js';
import { add, mul, reciprocal, sqrt, square, sub } from '../elementwise.js';
import { mean, reshape, sum } from '../reduce.js';
import { infinityToNan } from './guards.js';

/** The normalised batch and its statistics: [C], or [groups, C] for several groups. The statistics are constants. */
export interface BatchNormResult {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Running averages for inference, [C] each. Each group updates them in place, in order. */
export interface RunningAverages {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Share of the averages that an update keeps (Keras's convention). */
  readonly momentum: number;
}

/** Options of {@link batchNorm}. */
export interface BatchNormTrainingOptions extends BatchNormOptions {
  readonly running?: RunningAverages | undefined;
}

function channelsOf(op: string, x: Tensor, perChannel: Readonly<Record<string, Tensor>>): number {
  const channels = x.shape.at(-1);
  const got = Object.entries(perChannel).map(([name, tensor]) => `${name} [${tensor.shape.join(', ')}]`);
  const fits = Object.values(perChannel).every((tensor) => tensor.shape.join() === channels?.toString());
  if (channels === undefined || !fits) {
    throw new Error(`${op}: got x [${x.shape.join(', ')}], ${got.join(', ')}; it takes one value a channel`);
  }
  return channels;
}

/**
 * activation(γ (x − μ) / √(σ² + ε) + β) with the batch's own μ and (biased) σ², over all axes but the last. Updates
 * the running averages, if given. Each group is normalised separately, and updates the averages in order.
 *
 * @param x [..., C], the first axis a multiple of `groups`; γ and β [C]
 */
export function batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormTrainingOptions): BatchNormResult {
  const { engine, shape, size } = x;
  const { epsilon, groups = 1, running } = options;
  const { fused: activation, after } = splitActivation(options.activation);
  const averages = running === undefined ? {} : { 'running mean': running.mean, 'running variance': running.variance };
  const channels = channelsOf('batchNorm', x, { gamma, beta, ...averages });
  if (!Number.isInteger(groups) || groups < 1 || (shape[0] ?? 1) % groups !== 0 || (groups > 1 && shape.length < 2)) {
    throw new Error(`batchNorm: got x [${shape.join(', ')}]; it takes a first axis of ${groups} equal groups`);
  }
  const rows = size / channels / groups;
  const statistics = kernels.batchNormStatistics(engine.device, x.buffer, rows, channels, {
    groups,
    running: buffersOf(running),
  });
  const common = {
    ...statistics,
    x: x.buffer,
    gamma: gamma.buffer,
    beta: beta.buffer,
    groups,
    rows,
    channels,
    epsilon,
    activation,
  };
  const y = kernels.batchNormApply(engine.device, common);
  const output: Tensor = taped(engine.wrap(y, shape), 'batchNorm', [x, gamma, beta], (dy, wanted) => {
    if (engine.isTaping) {
      return tapedGradient(x, gamma, activationGradient(dy, output, activation), { groups, epsilon }, wanted);
    }
    const fused = kernels.batchNormGradient(engine.device, { ...common, dy: dy.buffer });
    return [engine.wrap(fused.dx, shape), engine.wrap(fused.dGamma, [channels]), engine.wrap(fused.dBeta, [channels])];
  });
  const constant = groups === 1 ? [channels] : [groups, channels];
  return {
    output: activate(output, after),
    mean: engine.wrap(statistics.mean, constant),
    variance: engine.wrap(statistics.variance, constant),
  };
}

function buffersOf(running: RunningAverages | undefined): kernels.RunningStatistics | undefined {
  if (running === undefined) return undefined;
  return { mean: running.mean.buffer, variance: running.variance.buffer, momentum: running.momentum };
}

/** With x̂ = (x − μ) / √(σ² + ε): dx = γ / √(σ² + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)), the means over a group's rows. */
function tapedGradient(
  x: Tensor,
  gamma: Tensor,
  dy: Tensor,
  { groups, epsilon }: { readonly groups: number; readonly epsilon: number },
  wanted: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const byGroups = [groups, x.size / groups / gamma.size, gamma.size];
  const ofRows = { axes: [1], keepDims: true };
  const ofAll = { axes: [0, 1] };
  const grouped = reshape(x, byGroups);
  const gradient = reshape(dy, byGroups);
  const centred = sub(grouped, mean(grouped, ofRows));
  const inverse = reciprocal(sqrt(addScalar(infinityToNan(mean(square(centred), ofRows)), epsilon)));
  const normalised = mul(centred, inverse);
  const product = mul(gradient, normalised);
  const dx = (): Tensor => {
    const projected = add(mean(gradient, ofRows), mul(normalised, mean(product, ofRows)));
    return reshape(mul(mul(gamma, inverse), sub(gradient, projected)), x.shape);
  };
  return [
    wanted[0] === true ? dx() : undefined,
    wanted[1] === true ? sum(product, ofAll) : undefined,
    wanted[2] === true ? sum(gradient, ofAll) : undefined,
  ];
}

/** activation(γ (x − mean) / √(variance + ε) + β) with given statistics; they are constants. */
export function batchNormInference(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  mean: Tensor,
  variance: Tensor,
  options: BatchNormInferenceOptions,
): Tensor {
  const { engine, shape, size } = x;
  const channels = channelsOf('batchNormInference', x, { gamma, beta, mean, variance });
  const { epsilon } = options;
  const { fused: activation, after } = splitActivation(options.activation);
  const statistics = { mean: mean.buffer, variance: variance.buffer };
  const common = {
    ...statistics,
    x: x.buffer,
    gamma: gamma.buffer,
    beta: beta.buffer,
    rows: size / channels,
    channels,
    epsilon,
    activation,
  };
  const y = kernels.batchNormApply(engine.device, common);
  const output: Tensor = taped(engine.wrap(y, shape), 'batchNormInference', [x, gamma, beta], (dy, wanted) => {
    if (!engine.isTaping) {
      const fused = kernels.batchNormInferenceGradient(engine.device, { ...common, dy: dy.buffer });
      return [
        engine.wrap(fused.dx, shape),
        engine.wrap(fused.dGamma, [channels]),
        engine.wrap(fused.dBeta, [channels]),
      ];
    }
    const axes = shape.slice(0, -1).map((_, axis) => axis);
    const inverse = reciprocal(sqrt(addScalar(infinityToNan(variance.detach()), epsilon)));
    const gradient = activationGradient(dy, output, activation);
    const normalised = (): Tensor => mul(sub(x, mean.detach()), inverse);
    return [
      wanted[0] === true ? mul(gradient, mul(gamma, inverse)) : undefined,
      wanted[1] === true ? sum(mul(gradient, normalised()), { axes }) : undefined,
      wanted[2] === true ? sum(gradient, { axes }) : undefined,
    ];
  });
  return activate(output, after);
}
