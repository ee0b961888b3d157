/**
 * @file Which metric sees which fault: a generator's value counts as seen where it lies beyond every healthy one's.
 */
import type { Findings } from '../../src/metrics/verdict.js';

/** A number of a diagnosis, and the way that a fault moves it. */
export interface Measured {
  readonly name: string;
  readonly of: (findings: Findings) => number | null;
  readonly worse: 'less' | 'more';
}

/** Those that images alone give. */
export const MEASURED: readonly Measured[] = [
  { name: 'modes', of: ({ labels }) => labels.modes, worse: 'less' },
  { name: 'entropy', of: ({ labels }) => labels.entropy, worse: 'less' },
  { name: 'KL', of: ({ labels }) => labels.divergence.value, worse: 'more' },
  { name: 'TV', of: ({ labels }) => labels.totalVariation.value, worse: 'more' },
  { name: 'sure', of: ({ labels }) => labels.sure, worse: 'less' },
  { name: 'variety', of: ({ variety }) => variety.mean, worse: 'less' },
  { name: 'Fréchet', of: ({ features }) => features.frechet, worse: 'more' },
  { name: 'kernel', of: ({ features }) => features.kernel, worse: 'more' },
  { name: 'precision', of: ({ features }) => features.precision, worse: 'less' },
  { name: 'recall', of: ({ features }) => features.recall, worse: 'less' },
  { name: 'density', of: ({ features }) => features.density, worse: 'less' },
  { name: 'coverage', of: ({ features }) => features.coverage, worse: 'less' },
  { name: 'duplicates', of: ({ images }) => images.duplicates, worse: 'more' },
  { name: 'MS-SSIM', of: ({ images }) => images.similarity, worse: 'more' },
];

/** For each metric the share of the findings that it tells from all healthy ones. */
export function seen(findings: readonly Findings[], healthy: readonly Findings[]): number[] {
  return MEASURED.map(({ of, worse }) => {
    const sign = worse === 'less' ? -1 : 1;
    const values = (all: readonly Findings[]): number[] => all.flatMap((one) => of(one) ?? []).map((v) => sign * v);
    const worst = Math.max(...values(healthy));
    return values(findings).filter((value) => value > worst).length / findings.length;
  });
}
