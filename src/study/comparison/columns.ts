/**
 * @file What a comparison shows of each method and dimension: the columns of its table and the panels of its figure.
 */
import { type Better, type MetricName, shownMetric, SUMMARY_METRICS } from '../measure/summaryMetrics.js';
import type { Spread } from '../measure/results.js';
import type { ComparisonRow } from './comparisonResults.js';

export interface Column {
  readonly title: string;
  /** Below the title. */
  readonly about: string;
  /** Absent where neither way is better. */
  readonly better?: Better | undefined;
  readonly of: (row: ComparisonRow) => Spread | null;
  /** As it is printed. */
  readonly shown: (value: number) => string;
  /** Of the figure's axis: the most that it can be. */
  readonly most?: number | undefined;
  /** The figure shows orders of magnitude. */
  readonly isLogarithmic?: boolean;
}

function metric(name: MetricName): Column {
  const { title, about, better, most } = SUMMARY_METRICS[name];
  const shown = (value: number): string => shownMetric(name, value);
  return { title, about, better, of: ({ metrics }) => metrics[name], shown, most };
}

export const COLUMNS: readonly Column[] = [
  {
    ...metric('modes'),
    title: 'modes covered',
    about: 'classes made, of ten, by images that the classifier is sure of',
  },
  metric('divergence'),
  metric('frechet'),
  metric('recall'),
  metric('coverage'),
  // Duplicates would be 1 wherever z has few dimensions: how few images there are tells those apart.
  {
    ...metric('support'),
    about: 'how many different images it seems to have, in runs where two are alike',
    isLogarithmic: true,
  },
  {
    title: 'ms/iteration',
    about: "of training alone, the critic's steps counted in",
    better: 'less',
    of: ({ millisecondsPerIteration }) => millisecondsPerIteration,
    shown: (value) => value.toFixed(0),
  },
];

/** Mean ± standard deviation, as text. */
export function spreadText({ shown }: Column, spread: Spread | null): string {
  if (spread === null) return '–';
  const { mean, deviation } = spread;
  return deviation === null ? shown(mean) : `${shown(mean)} ± ${shown(deviation)}`;
}
