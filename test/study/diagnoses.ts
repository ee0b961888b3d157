/**
 * @file Makes plausible diagnoses for tests of what is derived from them.
 */
import type { Diagnosis, MetricValues, VerdictName } from '../../src/evaluation/diagnosis.js';
import { byMetric } from '../../src/evaluation/registry.js';

/** What a test sets: any metric, and a few further properties. */
export interface DiagnosisOptions extends Partial<MetricValues> {
  readonly iteration?: number;
  readonly zDim?: number;
  readonly modes?: number;
  readonly verdict?: VerdictName;
  /** Lower end of the interval of the total variation. */
  readonly leastTotalVariation?: number;
  readonly similarities?: Diagnosis['similarity'];
}

/** A whole diagnosis, plausible except for what the test sets. */
export function diagnosisOf({
  iteration = 4,
  zDim = 2,
  verdict = 'healthy',
  leastTotalVariation = 0,
  similarities = { generated: 0.25, real: 0.125 },
  ...metrics
}: DiagnosisOptions = {}): Diagnosis {
  const { modes = 10, switched = 0.125 } = metrics;
  const counts = Array.from({ length: 10 }, (_, digit) => (digit < modes ? Math.floor(10_000 / modes) : 0));
  counts[0]! += 10_000 - counts.reduce((sum, count) => sum + count, 0);
  return {
    iteration,
    samples: 10_000,
    real: 10_000,
    metrics: {
      ...byMetric(() => null),
      modes,
      entropy: Math.log(modes),
      divergence: Math.log(10 / modes),
      totalVariation: 1 - modes / 10,
      confidence: 0.96875,
      sure: 0.875,
      variety: 0.75,
      frechet: 12.5,
      kernel: -0.001,
      precision: 0.5,
      recall: 0.25,
      density: 1.25,
      coverage: 0.5,
      duplicates: 0.01,
      similarity: similarities.generated - similarities.real,
      switched,
      displacement: switched,
      pathLength: 40,
      effectiveDimension: Math.min(zDim, 1.5),
      discriminatorAccuracy: 0.75,
      gap: 0.5,
      lossBalance: 0.5,
      generatorGradient: 0.1,
      discriminatorGradient: 0.2,
      generatorLoss: 1,
      discriminatorLoss: 0.5,
      ...metrics,
    },
    intervals: { divergence: { low: 0, high: 3 }, totalVariation: { low: leastTotalVariation, high: 1 } },
    classes: { counts, variety: counts.map((count) => (count === 0 ? null : 0.75)) },
    similarity: similarities,
    singularValues: Array.from({ length: Math.min(zDim, 8) }, (_, index) => 1 / (index + 1)),
    verdict: { name: verdict, reasons: [`${modes} of 10 classes`] },
  };
}
