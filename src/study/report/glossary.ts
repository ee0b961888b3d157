/**
 * @file Defines the glossary of a report: what each column of its tables means.
 */
import { type Better, METRIC_NAMES, type MetricName, METRICS, metricsWith } from '../../evaluation/registry.js';

/** Metrics that are columns of a study's table. */
export const TABLE_METRICS: readonly MetricName[] = metricsWith(({ table }) => table !== undefined);

/** What a column of a table means. */
export interface GlossaryEntry {
  readonly title: string;
  readonly about: string;
  /** Absent if neither direction is better. */
  readonly better?: Better | undefined;
}

export const Z_DIM_ENTRY: GlossaryEntry = { title: 'z_dim', about: 'dimension of the latent variable z' };

export const VERDICT_ENTRY: GlossaryEntry = {
  title: 'verdict',
  about:
    'state of the generator by a rule over the metrics: healthy, collapsing, collapsed, not learning or diverged; ' +
    'with several runs, the number of each',
};

/** The glossary of a study's report: all metrics. */
export const GLOSSARY: readonly GlossaryEntry[] = [
  Z_DIM_ENTRY,
  VERDICT_ENTRY,
  ...METRIC_NAMES.map((name) => METRICS[name]),
];
