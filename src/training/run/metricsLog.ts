/**
 * @file `metrics.jsonl`: a row of metrics for each iteration of a GAN.
 */
import { parseRecord } from '../../files/json.js';
import { LOSS_METRICS, METRICS, type MetricName, type Metrics } from '../../gan/ganMetrics.js';
import { readLastRow, readRows } from './iterationLog.js';

/** The metrics of an iteration, counted from 1. */
export interface MetricsRow extends Metrics {
  readonly iteration: number;
}

/** Stands for a metric that a line lacks. */
const MISSING: Metrics = {
  generatorLoss: NaN,
  discriminatorLoss: NaN,
  realAccuracy: NaN,
  fakeAccuracy: NaN,
  foolingRate: NaN,
};

/** Reads the metrics of a run, see {@link readRows}. @throws FileError */
export function readMetrics(path: string): MetricsRow[] {
  return readRows(path, parseMetrics);
}

/** Reads the metrics of the last iteration, if any. @throws FileError */
export function readLastMetrics(path: string): MetricsRow | undefined {
  return readLastRow(path, parseMetrics);
}

/** Lists each metric over all rows. */
export function columnsOf(rows: readonly MetricsRow[]): Record<MetricName, number[]> {
  const column = (name: MetricName): number[] => rows.map((row) => row[name]);
  return {
    generatorLoss: column('generatorLoss'),
    discriminatorLoss: column('discriminatorLoss'),
    realAccuracy: column('realAccuracy'),
    fakeAccuracy: column('fakeAccuracy'),
    foolingRate: column('foolingRate'),
  };
}

/** Parses a line of `metrics.jsonl`; undefined if it has no iteration. */
export function parseMetrics(line: string): MetricsRow | undefined {
  const fields = parseRecord(line) ?? {};
  const { iteration } = fields;
  if (typeof iteration !== 'number' || !Number.isSafeInteger(iteration) || iteration < 1) return undefined;
  const row: { -readonly [name in keyof MetricsRow]: MetricsRow[name] } = { iteration, ...MISSING };
  for (const name of [...METRICS, ...LOSS_METRICS]) {
    const value = fields[name];
    if (typeof value === 'number') row[name] = value;
  }
  return row;
}
