/** @file Writes the table of all metrics into the text of docs/metrics.md, between its markers. */
import { metricsTable } from '../../src/evaluation/metricText.js';

const MARKERS = ['<!-- metrics -->', '<!-- /metrics -->'] as const;

/** Replaces the table between the markers. @throws Error if the text has no markers */
export function withMetricsTable(text: string): string {
  const [begin, end] = MARKERS.map((marker) => text.indexOf(marker));
  if (begin === undefined || end === undefined || begin < 0 || end < begin) {
    throw new Error(`docs/metrics.md has no ${MARKERS.join(' … ')}`);
  }
  return `${text.slice(0, begin)}${MARKERS[0]}\n\n${metricsTable()}\n\n${text.slice(end)}`;
}
