/**
 * @file Selects the best evaluation of a training by one metric.
 */
import type { Diagnosis } from './diagnosis.js';
import { type BestMetricName, METRIC_NAMES, type MetricName, METRICS } from './registry.js';

/** The metrics by which a best checkpoint is selected. */
export const BEST_METRICS: readonly BestMetricName[] = METRIC_NAMES.filter((name): name is BestMetricName => {
  return METRICS[name].selects === true;
});

/** The best value of a metric over the evaluations of a training. */
export interface BestValue {
  readonly metric: MetricName;
  readonly iteration: number;
  readonly value: number;
}

/**
 * Selects the best evaluation by a metric; of equal values the latest. Values depend on the number of images, so only
 * evaluations of as many images as the last one count. One without a finite value is never the best.
 *
 * @param evaluations in the order of their iterations
 * @returns undefined without a finite value
 * @throws Error for a metric of which no direction is better
 */
export function selectBest(
  metric: MetricName,
  evaluations: readonly Pick<Diagnosis, 'iteration' | 'samples' | 'real' | 'metrics'>[],
): BestValue | undefined {
  const { better } = METRICS[metric];
  if (better === undefined) throw new Error(`selectBest: no direction of ${metric} is better`);
  const loss = (value: number): number => {
    if (better === 'less') return value;
    return better === 'more' ? -value : Math.abs(value - better);
  };
  const last = evaluations.at(-1);
  let best: BestValue | undefined;
  for (const { iteration, samples, real, metrics } of evaluations) {
    const value = metrics[metric];
    if (value === null || !Number.isFinite(value)) continue;
    if (samples !== last?.samples || real !== last.real) continue;
    if (best === undefined || loss(value) <= loss(best.value)) best = { metric, iteration, value };
  }
  return best;
}
