/**
 * @file What is recorded of each iteration of a GAN's training.
 */
import type { Loss } from './losses.js';

/** Recorded of every iteration, in this order. */
export const METRICS = ['generatorLoss', 'discriminatorLoss', 'realAccuracy', 'fakeAccuracy', 'foolingRate'] as const;

export type MetricName = (typeof METRICS)[number];

/** Recorded besides where the loss has it. */
export const LOSS_METRICS = ['wasserstein', 'gradientPenalty'] as const;

/**
 * One iteration's values; those of the discriminator are of its last update. The last three of {@link METRICS} are shares
 * of a batch, 0 … 1; the last is of the generator's own update.
 */
export interface Metrics extends Readonly<Record<MetricName, number>> {
  /** A critic's estimate of the distance of generated from real images: mean D(x) − mean D(G(z)). */
  readonly wasserstein?: number;
  /** Before its weight. */
  readonly gradientPenalty?: number;
}

/** Numbers of a row of the history: the {@link METRICS}, and the gradient penalty where there is one. */
export function historyColumns({ penalty }: Loss): number {
  return METRICS.length + (penalty === undefined ? 0 : 1);
}

/** What a row of the history tells. */
export function metricsOf(row: Float32Array, { penalty, isCritic }: Loss): Metrics {
  const at = (metric: MetricName): number => row[METRICS.indexOf(metric)] ?? NaN;
  const discriminatorLoss = at('discriminatorLoss');
  return {
    generatorLoss: at('generatorLoss'),
    discriminatorLoss,
    realAccuracy: at('realAccuracy'),
    fakeAccuracy: at('fakeAccuracy'),
    foolingRate: at('foolingRate'),
    // A critic's loss is the mean over both halves of ∓D: minus half of the difference of their means.
    ...(isCritic === true ? { wasserstein: -2 * discriminatorLoss } : {}),
    ...(penalty === undefined ? {} : { gradientPenalty: row[METRICS.length] ?? NaN }),
  };
}
