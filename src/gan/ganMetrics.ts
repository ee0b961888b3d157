/**
 * @file Defines the metrics of an iteration of a GAN's training.
 */
import type { Loss } from './losses.js';

/** Metrics of every iteration, in the order of the recorded row. */
export const METRICS = ['generatorLoss', 'discriminatorLoss', 'realAccuracy', 'fakeAccuracy', 'foolingRate'] as const;

export type MetricName = (typeof METRICS)[number];

/** Additional metrics of some losses. */
export const LOSS_METRICS = ['wasserstein', 'gradientPenalty'] as const;

/**
 * Metrics of one iteration; those of the discriminator are of its last update. Accuracies and the fooling rate are shares of
 * a batch, 0 … 1; the fooling rate is of the generator's update.
 */
export interface Metrics extends Readonly<Record<MetricName, number>> {
  /** A critic's estimate of the distance of generated from real images: mean D(x) − mean D(G(z)). */
  readonly wasserstein?: number;
  /** Without its weight. */
  readonly gradientPenalty?: number;
}

/** Numbers in a recorded row: the {@link METRICS}, and the gradient penalty if the loss has one. */
export function ringColumns({ penalty }: Loss): number {
  return METRICS.length + (penalty === undefined ? 0 : 1);
}

/** The metrics in a recorded row. */
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
