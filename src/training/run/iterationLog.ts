/**
 * @file A log of a training: a file of JSON lines, each about an iteration.
 */
import { JsonLines, readLines } from '../../files/jsonLines.js';
import type { Guard } from '../../files/lock.js';

export interface Row {
  readonly iteration: number;
}

/** Parses a line; undefined if it is not a complete row. */
export type ParseRow<T extends Row> = (line: string) => T | undefined;

/** A log that is open for appending. */
export class IterationLog<T extends Row> {
  private readonly lines: JsonLines;

  /** Opens the file; creates it if necessary. @throws FileError, FolderLostError */
  constructor(
    readonly path: string,
    private readonly parse: ParseRow<T>,
    guard?: Guard,
  ) {
    this.lines = new JsonLines(path, guard);
  }

  /**
   * Appends a line for each row: all of them, or none.
   *
   * @throws FileError if there is no space, with the file as it was; FolderLostError
   */
  append(rows: readonly T[]): void {
    this.lines.append(rows);
  }

  /** Cuts off everything after an iteration, and an incomplete last line. */
  truncate(iteration: number): void {
    this.lines.truncate((line) => (this.parse(line)?.iteration ?? Infinity) <= iteration);
  }

  /** Flushes appended rows to the disk, so that they survive a power cut. */
  flush(): void {
    this.lines.flush();
  }

  close(): void {
    this.lines.close();
  }
}

/** Adds iterations to rows; the first row is of iteration `first`. */
export function numbered<M extends object>(first: number, rows: readonly M[]): (M & Row)[] {
  return rows.map((row, index) => ({ iteration: first + index, ...row }));
}

/**
 * Reads all rows. Skips incomplete lines; of two rows of one iteration the first counts.
 *
 * @returns ascending by iteration; none if the file is missing
 * @throws FileError if the file cannot be read
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
 * Reads the row of the last iteration without keeping the others, see {@link readRows}.
 *
 * @returns undefined if there is none
 * @throws FileError if the file cannot be read
 */
export function readLastRow<T extends Row>(path: string, parse: ParseRow<T>): T | undefined {
  let last: T | undefined;
  for (const line of readLines(path)) {
    const row = parse(line);
    if (row !== undefined && row.iteration > (last?.iteration ?? -Infinity)) last = row;
  }
  return last;
}
