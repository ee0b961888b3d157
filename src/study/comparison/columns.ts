/**
 * @file Defines the columns of a comparison's table, which are also the panels of its figure.
 */
import { formatMetric } from '../../evaluation/metricText.js';
import { type Better, type MetricName, METRICS, metricsWith } from '../../evaluation/registry.js';
import type { Spread } from '../measure/results.js';
import type { ComparisonRow } from './comparisonResults.js';

export interface Column {
  readonly title: string;
  /** Below the title. */
  readonly about: string;
  /** Absent if neither direction is better. */
  readonly better?: Better | undefined;
  readonly of: (row: ComparisonRow) => Spread | null;
  /** Formats a value. */
  readonly format: (value: number) => string;
  /** Largest value of the figure's axis. */
  readonly most?: number | undefined;
  /** The figure's axis is logarithmic. */
  readonly isLogarithmic?: boolean;
}

function metricColumn(name: MetricName): Column {
  const { title, about, better, range, comparison } = METRICS[name];
  return {
    title,
    about,
    better,
    of: ({ metrics }) => metrics[name],
    format: (value) => formatMetric(name, value),
    most: range?.[1],
    isLogarithmic: comparison === 'logarithmic',
  };
}

export const COLUMNS: readonly Column[] = [
  ...metricsWith(({ comparison }) => comparison !== undefined).map(metricColumn),
  {
    title: 'ms/iteration',
    about: "of training alone, including the critic's steps",
    better: 'less',
    of: ({ millisecondsPerIteration }) => millisecondsPerIteration,
    format: (value) => value.toFixed(0),
  },
];

/** Mean ± standard deviation, as text. */
export function spreadText({ format }: Column, spread: Spread | null): string {
  if (spread === null) return '–';
  const { mean, deviation } = spread;
  return deviation === null ? format(mean) : `${format(mean)} ± ${format(deviation)}`;
}
