/**
 * @file Batch normalisation. Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, algorithm 1.
 */
import type { BatchNormInferenceOptions, BatchNormOptions } from '../../src/kernels/options.js';
import { activate } from './activation.js';
import { add, addScalar, div, mul, sqrt, square, sub } from './elementwise.js';
import { mean as meanOf } from './reduce.js';
import { reshape } from './shape.js';
import { type Array64, sameShape, shapeError } from './tensor.js';

export interface BatchNormResult {
  readonly output: Array64;
  /** Of the batch, one for each channel; [groups, channels] of several groups. */
  readonly mean: Array64;
  /** Biased: the sum of squares divided by the count, not by the count less one. */
  readonly variance: Array64;
}

/** Normalises by the statistics of x itself, taken over all axes but the last: of each group by itself. */
export function batchNorm(x: Array64, gamma: Array64, beta: Array64, options: BatchNormOptions): BatchNormResult {
  checkChannels('batchNorm', x, { gamma, beta });
  const { groups = 1 } = options;
  const channels = gamma.data.length;
  const byGroups = reshape(x, [groups, x.data.length / groups / channels, channels]);
  const ofRows = { axes: [1], keepDims: true };
  const mean = meanOf(byGroups, ofRows);
  const variance = meanOf(square(sub(byGroups, mean)), ofRows);
  const output = reshape(normalise(byGroups, gamma, beta, mean, variance, options), x.shape);
  const statistics = groups === 1 ? [channels] : [groups, channels];
  return { output, mean: reshape(mean, statistics), variance: reshape(variance, statistics) };
}

/** Normalises by given statistics: what training has averaged. */
export function batchNormInference(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  mean: Array64,
  variance: Array64,
  options: BatchNormInferenceOptions,
): Array64 {
  checkChannels('batchNormInference', x, { gamma, beta, mean, variance });
  return normalise(x, gamma, beta, mean, variance, options);
}

/** activation(γ · (x − mean) / √(variance + ε) + β), the ε inside the root. */
function normalise(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  mean: Array64,
  variance: Array64,
  { epsilon, activation }: BatchNormInferenceOptions,
): Array64 {
  const normalised = div(sub(x, mean), sqrt(addScalar(variance, epsilon)));
  return activate(add(mul(normalised, gamma), beta), activation);
}

function checkChannels(op: string, x: Array64, perChannel: Readonly<Record<string, Array64>>): void {
  const channels = x.shape.at(-1);
  if (channels === undefined) throw shapeError(op, { x }, 'x [..., C]');
  for (const [name, values] of Object.entries(perChannel))
    if (!sameShape(values.shape, [channels])) throw shapeError(op, { x, [name]: values }, `${name} [${channels}]`);
}
