/**
 * @file Diagnoses as a GAN's looks would be, for tests of what is made of them.
 */
import type { Diagnosis, VerdictName } from '../../src/evaluation/diagnosis.js';

/** What tests set. */
export interface Told {
  readonly iteration?: number;
  readonly zDim?: number;
  readonly modes?: number;
  readonly frechet?: number;
  readonly verdict?: VerdictName;
  readonly switched?: number | null;
  readonly support?: number | null;
}

/** A whole diagnosis, plausible but for what is told. */
export function diagnosisOf(told: Told = {}): Diagnosis {
  const { iteration = 4, zDim = 2, modes = 10, frechet = 12.5, verdict = 'healthy' } = told;
  const { switched = 0.125, support = null } = told;
  const counts = Array.from({ length: 10 }, (_, digit) => (digit < modes ? Math.floor(10_000 / modes) : 0));
  counts[0]! += 10_000 - counts.reduce((sum, count) => sum + count, 0);
  return {
    iteration,
    samples: 10_000,
    real: 10_000,
    labels: {
      counts,
      modes,
      entropy: Math.log(modes),
      divergence: { value: Math.log(10 / modes), low: 0, high: 3 },
      totalVariation: { value: 1 - modes / 10, low: 0, high: 1 },
      confidence: 0.96875,
      sure: 0.875,
    },
    variety: { perClass: counts.map((count) => (count === 0 ? null : 0.75)), mean: 0.75 },
    features: { frechet, kernel: -0.001, precision: 0.5, recall: 0.25, density: 1.25, coverage: 0.5 },
    images: { duplicates: 0.01, support, similarity: 0.25, realSimilarity: 0.125, memorised: null },
    latent: {
      switched,
      displacement: switched,
      pathLength: 40,
      effectiveDimension: Math.min(zDim, 1.5),
      singularValues: Array.from({ length: Math.min(zDim, 8) }, (_, index) => 1 / (index + 1)),
    },
    training: {
      discriminatorAccuracy: 0.75,
      gap: 0.5,
      lossBalance: 0.5,
      generatorGradient: 0.1,
      discriminatorGradient: 0.2,
      generatorLoss: 1,
      discriminatorLoss: 0.5,
    },
    verdict: { name: verdict, reasons: [`${modes} of 10 classes`] },
  };
}
