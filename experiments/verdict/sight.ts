/**
 * @file Which metric sees which fault: a value counts as seen where it lies beyond the worst of some healthy generators.
 * The others that are healthy tell how often that is a false alarm.
 */
import type { Findings } from '../../src/evaluation/verdict.js';

/** A number of a diagnosis, and the way that a fault moves it. */
export interface Measured {
  readonly name: string;
  /** Null where it was not measured. */
  readonly of: (findings: Findings) => number | null | undefined;
  readonly worse: 'less' | 'more';
}

/** Those that images give, then those of the latent space and of training, which checkpoints alone have. */
export const MEASURED: readonly Measured[] = [
  { name: 'modes', of: ({ labels }) => labels.modes, worse: 'less' },
  { name: 'entropy', of: ({ labels }) => labels.entropy, worse: 'less' },
  { name: 'KL', of: ({ labels }) => labels.divergence.value, worse: 'more' },
  { name: 'TV', of: ({ labels }) => labels.totalVariation.value, worse: 'more' },
  { name: 'confidence', of: ({ labels }) => labels.confidence, worse: 'less' },
  { name: 'sure', of: ({ labels }) => labels.sure, worse: 'less' },
  { name: 'variety', of: ({ variety }) => variety.mean, worse: 'less' },
  { name: 'Fréchet', of: ({ features }) => features.frechet, worse: 'more' },
  { name: 'kernel', of: ({ features }) => features.kernel, worse: 'more' },
  { name: 'precision', of: ({ features }) => features.precision, worse: 'less' },
  { name: 'recall', of: ({ features }) => features.recall, worse: 'less' },
  { name: 'density', of: ({ features }) => features.density, worse: 'less' },
  { name: 'coverage', of: ({ features }) => features.coverage, worse: 'less' },
  { name: 'duplicates', of: ({ images }) => images.duplicates, worse: 'more' },
  // Without any collision the support is more than can be told.
  { name: 'support', of: ({ images }) => images.support ?? Infinity, worse: 'less' },
  { name: 'MS-SSIM', of: ({ images }) => images.similarity, worse: 'more' },
  { name: 'memorised', of: ({ images }) => images.memorised, worse: 'more' },
  { name: 'switched', of: ({ latent }) => latent?.switched, worse: 'more' },
  { name: 'displacement', of: ({ latent }) => latent?.displacement, worse: 'more' },
  { name: 'path length', of: ({ latent }) => latent?.pathLength, worse: 'less' },
  {
    name: 'dimension of z',
    of: ({ latent }) => latent && latent.effectiveDimension / latent.singularValues.length,
    worse: 'less',
  },
  { name: 'accuracy of D', of: ({ training }) => training?.discriminatorAccuracy, worse: 'more' },
];

/** The values of a metric, turned so that more is worse. */
function badness({ of, worse }: Measured, all: readonly Findings[]): number[] {
  return all.flatMap((findings) => of(findings) ?? []).map((value) => (worse === 'less' ? -value : value));
}

/** One half of them and the other, in turns. */
export function alternate<T>(all: readonly T[]): readonly [T[], T[]] {
  return [all.filter((_, index) => index % 2 === 0), all.filter((_, index) => index % 2 === 1)];
}

/**
 * For each metric the share of the findings whose value lies beyond all those of the healthy ones.
 *
 * @param healthy ones that set the limits
 * @returns null for a metric that either has no value of
 */
export function seen(findings: readonly Findings[], healthy: readonly Findings[]): (number | null)[] {
  return MEASURED.map((measured) => {
    const [values, limits] = [badness(measured, findings), badness(measured, healthy)];
    if (values.length === 0 || limits.length === 0) return null;
    const worst = Math.max(...limits);
    return values.filter((value) => value > worst).length / values.length;
  });
}
