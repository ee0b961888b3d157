/**
 * @file Batch normalisation. Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, algorithm 1.
 */
import type { BatchNormOptions } from '../../src/kernels/options.js';
import { activate } from './activation.js';
import { add, addScalar, div, mul, sqrt, square, sub } from './elementwise.js';
import { mean as meanOf } from './reduce.js';
import { type Array64, sameShape, shapeError } from './tensor.js';

export interface BatchNormResult {
  readonly output: Array64;
  /** Of the batch, one for each channel. */
  readonly mean: Array64;
  /** Biased: the sum of squares divided by the count, not by the count less one. */
  readonly variance: Array64;
}

/** Normalises by the statistics of x itself, taken over all axes but the last. */
export function batchNorm(x: Array64, gamma: Array64, beta: Array64, options: BatchNormOptions): BatchNormResult {
  checkChannels('batchNorm', x, { gamma, beta });
  const axes = [...x.shape.keys()].slice(0, -1);
  const mean = meanOf(x, { axes });
  const variance = meanOf(square(sub(x, mean)), { axes });
  return { output: normalise(x, gamma, beta, mean, variance, options), mean, variance };
}

/** Normalises by given statistics: what training has averaged. */
export function batchNormInference(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  mean: Array64,
  variance: Array64,
  options: BatchNormOptions,
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
  { epsilon, activation }: BatchNormOptions,
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
