/**
 * @file Finds which metric detects which fault: its value is worse than those of all healthy generators that set the limit. The other
 * healthy ones give the rate of false alarms.
 */
import { METRIC_NAMES, type MetricName, METRICS, worseOf } from '../../src/evaluation/registry.js';
import type { Findings } from '../../src/evaluation/verdict.js';

/** Metrics that faults move in a known direction. */
export const DETECTORS: readonly MetricName[] = METRIC_NAMES.filter((name) => worseOf(name) !== undefined);

/** Their titles. */
export const DETECTOR_TITLES: readonly string[] = DETECTORS.map((name) => METRICS[name].title);

/** The value that is compared; undefined if it was not measured. */
function valueOf(name: MetricName, { metrics, singularValues }: Findings): number | undefined {
  // Without any collision the support is larger than the test can tell.
  if (name === 'support') return metrics.support ?? Infinity;
  const value = metrics[name] ?? undefined;
  // Relative to z_dim, so that generators of different z_dim are comparable.
  return name === 'effectiveDimension' && value !== undefined ? value / (singularValues?.length ?? NaN) : value;
}

/** The values of a metric, with a sign so that larger is worse. */
function badness(name: MetricName, all: readonly Findings[]): number[] {
  const sign = worseOf(name) === 'less' ? -1 : 1;
  return all.flatMap((findings) => valueOf(name, findings) ?? []).map((value) => sign * value);
}

/** Splits a list into its elements at even and at odd indices. */
export function alternate<T>(all: readonly T[]): readonly [T[], T[]] {
  return [all.filter((_, index) => index % 2 === 0), all.filter((_, index) => index % 2 === 1)];
}

/**
 * Computes for each of {@link DETECTORS} the share of the findings whose value lies beyond those of all healthy ones.
 *
 * @param healthy sets the limits
 * @returns null for a metric without values on either side
 */
export function detectedShares(findings: readonly Findings[], healthy: readonly Findings[]): (number | null)[] {
  return DETECTORS.map((name) => {
    const [values, limits] = [badness(name, findings), badness(name, healthy)];
    if (values.length === 0 || limits.length === 0) return null;
    const worst = Math.max(...limits);
    return values.filter((value) => value > worst).length / values.length;
  });
}
