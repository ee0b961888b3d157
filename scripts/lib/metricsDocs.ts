/** @file Writes the table of all metrics into the text of docs/metrics.md, between its markers. */
import { metricsTable } from '../../src/evaluation/metricText.js';
import { withTable } from './docsTable.js';

/** @throws Error if the text has no markers */
export function withMetricsTable(text: string): string {
  return withTable(text, 'metrics', metricsTable());
}
