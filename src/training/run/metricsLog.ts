/**
 * @file `metrics.jsonl`: a line of JSON for each iteration, appended as training goes.
 */
import { parseRecord } from '../../files/json.js';
import type { Guard } from '../../files/lock.js';
import { LOSS_METRICS, METRICS, type MetricName, type Metrics } from '../../gan/ganMetrics.js';
import { IterationMetrics, readLastRow, readRows } from './iterationLog.js';

/** A metric that a line lacks is NaN. */
const MISSING: Metrics = {
  generatorLoss: NaN,
  discriminatorLoss: NaN,
  realAccuracy: NaN,
  fakeAccuracy: NaN,
  foolingRate: NaN,
};

/** The metrics of an iteration, counted from 1. */
export interface MetricsRow extends Metrics {
  readonly iteration: number;
}

/** The file of one run, open for appending. */
export class MetricsLog extends IterationMetrics<Metrics> {
  /** Opens the file, and makes it where it is not. @throws FileError, FolderLostError */
  constructor(path: string, guard?: Guard) {
    super(path, parseLine, guard);
  }
}

/**
 * Reads the metrics of a run; lines that are not whole are left out, and of two lines of one iteration the first counts.
 *
 * @returns a row for each iteration that the file tells of, ascending
 * @throws FileError when the file cannot be read
 */
export function readMetrics(path: string): MetricsRow[] {
  return readRows(path, parseLine);
}

/** The metrics of the last iteration, see {@link readMetrics}; undefined where there are none. @throws FileError */
export function readLastMetrics(path: string): MetricsRow | undefined {
  return readLastRow(path, parseLine);
}

/** The metrics of iterations, each as a list. */
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

function parseLine(line: string): MetricsRow | undefined {
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
