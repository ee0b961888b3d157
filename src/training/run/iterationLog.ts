/**
 * @file What the logs of a run share: files of JSON lines, each of which tells of an iteration.
 */
import { JsonLines, readLines } from '../../files/jsonLines.js';
import type { Guard } from '../../files/lock.js';

/** Of any iteration. */
export interface Row {
  readonly iteration: number;
}

/** What a line tells; undefined for one that is no whole row. */
export type ParseRow<T extends Row> = (line: string) => T | undefined;

/** The file of one run, open for appending. */
export class IterationLog<T extends Row> {
  protected readonly lines: JsonLines;

  /** Opens the file, and makes it where it is not. @throws FileError, FolderLostError */
  constructor(
    readonly path: string,
    private readonly parse: ParseRow<T>,
    guard?: Guard,
  ) {
    this.lines = new JsonLines(path, guard);
  }

  /** Cuts off what comes after an iteration, a last line that was never completed included. */
  truncate(iteration: number): void {
    this.lines.truncate((line) => (this.parse(line)?.iteration ?? Infinity) <= iteration);
  }

  /** Makes what was appended last through a power cut. */
  flush(): void {
    this.lines.flush();
  }

  /** No more is appended. */
  close(): void {
    this.lines.close();
  }
}

/** The file of what each iteration of a training gave. */
export class IterationMetrics<M extends object> extends IterationLog<M & Row> {
  /**
   * Appends a line for each iteration, counted from `first`; all of them, or none.
   *
   * @throws FileError when there is no space, with the file as it was
   */
  append(first: number, rows: readonly M[]): void {
    this.lines.append(numbered(first, rows));
  }
}

/** Rows with their iterations, the first of which is `first`. */
export function numbered<M extends object>(first: number, rows: readonly M[]): (M & Row)[] {
  return rows.map((row, index) => ({ iteration: first + index, ...row }));
}

/**
 * Reads the rows of a file; lines that are no whole row are left out, and of two of one iteration the first counts.
 *
 * @returns ascending by iteration; none where there is no file
 * @throws FileError when the file cannot be read
 */
export function readRows<T extends Row>(path: string, parse: ParseRow<T>): T[] {
  const rows = new Map<number, T>();
  for (const line of readLines(path)) {
    const row = parse(line);
    if (row !== undefined && !rows.has(row.iteration)) rows.set(row.iteration, row);
  }
  return [...rows.values()].sort((a, b) => a.iteration - b.iteration);
}

/**
 * The row of the last iteration that a file tells of, without keeping the others.
 *
 * @returns undefined where there is none; of two of one iteration the first, as for {@link readRows}
 * @throws FileError when the file cannot be read
 */
export function readLastRow<T extends Row>(path: string, parse: ParseRow<T>): T | undefined {
  let last: T | undefined;
  for (const line of readLines(path)) {
    const row = parse(line);
    if (row !== undefined && row.iteration > (last?.iteration ?? -Infinity)) last = row;
  }
  return last;
}
