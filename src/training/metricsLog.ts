/**
 * @file `metrics.jsonl`: a line of JSON for each iteration, appended as training goes.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { onFile, systemCode } from '../files/errors.js';
import { parseRecord } from '../files/json.js';
import { METRICS, type Metrics } from './gan.js';

/** A metric that a line lacks is NaN. */
const MISSING: Metrics = {
  generatorLoss: NaN,
  discriminatorLoss: NaN,
  realCalledReal: NaN,
  fakeCalledFake: NaN,
  fakeCalledReal: NaN,
};

/** The file of one run, open for appending. */
export class MetricsLog {
  private readonly file: number;
  private size: number;

  /** Opens the file, and makes it where it is not. @throws FileError */
  constructor(readonly path: string) {
    this.file = onFile('write', path, () => openSync(path, 'a'));
    this.size = fstatSync(this.file).size;
  }

  /**
   * Appends a line for each iteration, counted from `first`; all of them, or none.
   *
   * @throws FileError when there is no space, with the file as it was
   */
  append(first: number, rows: readonly Metrics[]): void {
    const lines = rows.map((row, index) => `${JSON.stringify({ iteration: first + index, ...row })}\n`);
    const bytes = Buffer.from(lines.join(''));
    onFile('write', this.path, () => {
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(this.file, bytes, written);
      } catch (error) {
        truncateSync(this.path, this.size);
        throw error;
      }
    });
    this.size += bytes.length;
  }

  /** Cuts off what comes after an iteration, a last line that was never completed included. */
  truncate(iteration: number): void {
    // A character for each byte, so that places in the text are places in the file, whatever damage it took.
    const text = onFile('read', this.path, () => readFileSync(this.path, 'latin1'));
    let end = 0;
    let at = 0;
    for (const line of wholeLines(text)) {
      at += line.length + 1;
      // The last that is to stay decides: a damaged line before it takes none of the others along.
      if ((parseLine(line)?.iteration ?? Infinity) <= iteration) end = at;
    }
    this.size = end;
    if (end === text.length) return;
    // By the path: Windows cuts no file that is open for appending.
    onFile('write', this.path, () => truncateSync(this.path, end));
  }

  /** Makes what was appended last through a power cut. */
  flush(): void {
    onFile('write', this.path, () => fsyncSync(this.file));
  }

  /** No more is appended. */
  close(): void {
    closeSync(this.file);
  }
}

/** The metrics of an iteration, counted from 1. */
export interface MetricsRow extends Metrics {
  readonly iteration: number;
}

/**
 * Reads the metrics of a run; lines that are not whole are left out, and of two lines of one iteration the first counts.
 *
 * @returns a row for each iteration that the file tells of, ascending
 * @throws FileError when the file cannot be read
 */
export function readMetrics(path: string): MetricsRow[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    return onFile('read', path, () => {
      throw error;
    });
  }
  const rows = new Map<number, MetricsRow>();
  for (const line of wholeLines(text)) {
    const row = parseLine(line);
    if (row !== undefined && !rows.has(row.iteration)) rows.set(row.iteration, row);
  }
  return [...rows.values()].sort((a, b) => a.iteration - b.iteration);
}

function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function parseLine(line: string): MetricsRow | undefined {
  const fields = parseRecord(line) ?? {};
  const { iteration } = fields;
  if (typeof iteration !== 'number' || !Number.isSafeInteger(iteration) || iteration < 1) return undefined;
  const row = { iteration, ...MISSING };
  for (const name of METRICS) {
    const value = fields[name];
    if (typeof value === 'number') row[name] = value;
  }
  return row;
}
