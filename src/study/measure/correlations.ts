/**
 * @file Correlates what training itself records (losses, a critic's estimates) with the Fréchet distance, which needs images
 * and a classifier: can one judge a run by its losses alone?
 */
import { z } from 'zod';
import type { MetricValues } from '../../evaluation/diagnosis.js';
import { rankCorrelation } from '../../evaluation/dynamics/rankCorrelation.js';
import { type MetricName, metricsWith } from '../../evaluation/registry.js';

/** Metrics that are correlated with the Fréchet distance. */
const CORRELATED: readonly MetricName[] = metricsWith(({ correlated }) => correlated === true);

/** By metric; null for fewer than 4 evaluations that measured both, or no change. */
export const Correlations = z.record(z.string(), z.number().min(-1).max(1).nullable());

export type Correlations = z.infer<typeof Correlations>;

/** Computes Spearman's rank correlations over the evaluations of one run; see docs/metrics.md. */
export function correlationsOf(evaluations: readonly MetricValues[]): Correlations {
  return Object.fromEntries(CORRELATED.map((name) => [name, correlationOf(name, evaluations)]));
}

function correlationOf(name: MetricName, evaluations: readonly MetricValues[]): number | null {
  const pairs = evaluations.flatMap(({ [name]: value, frechet }) => {
    return value === null || frechet === null ? [] : [{ value, frechet }];
  });
  return rankCorrelation(
    pairs.map(({ value }) => value),
    pairs.map(({ frechet }) => frechet),
  );
}
