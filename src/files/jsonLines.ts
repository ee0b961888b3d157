/**
 * @file Appends lines to a JSON Lines file. After a crash only the last line may be incomplete; readers skip it.
 */
import { closeSync, fstatSync, fsyncSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { onFile } from './errors.js';
import { FolderLostError, type Guard, isSame } from './lock.js';
import { checkSize, isMissing, MOST_BYTES, openRegular } from './regularFiles.js';

/** Number of bytes per read. */
const PORTION = 2 ** 18;

/** Maximum length of a line in bytes; longer lines are skipped. */
const MOST_LINE_BYTES = 2 ** 24;

const NEWLINE = 0x0a;

/** A file of JSON lines, open for appending. */
export class JsonLines {
  private readonly file: number;
  private size: number;

  /**
   * Opens the file, and creates it if absent.
   *
   * @param guard throws if another process has taken the folder
   * @throws FileError, FolderLostError
   */
  constructor(
    readonly path: string,
    private readonly guard: Guard = () => undefined,
  ) {
    guard();
    this.file = openRegular(path, 'append');
    this.size = fstatSync(this.file).size;
  }

  /**
   * Appends a line for each value: all of them, or none.
   *
   * @throws FileError if there is no space, with the file unchanged; FolderLostError if the file was replaced
   */
  append(values: readonly object[]): void {
    this.ensureSame();
    const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
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

  /** Truncates the file after the last line to keep; an incomplete last line goes too. */
  truncate(stays: (line: string) => boolean): void {
    this.ensureSame();
    let end = 0;
    for (const line of wholeLines(this.path)) {
      // The last line to keep decides: a damaged line before it removes no other.
      if (line.text !== undefined && stays(line.text)) ({ end } = line);
    }
    this.size = end;
    if (end === fstatSync(this.file).size) return;
    // By the path: Windows does not truncate a file that is open for appending.
    onFile('write', this.path, () => truncateSync(this.path, end));
  }

  /** Flushes the appended lines to the disk. */
  flush(): void {
    this.ensureSame();
    onFile('write', this.path, () => fsyncSync(this.file));
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.file);
  }

  /** @throws FolderLostError if the file was removed or replaced: appended lines would be lost */
  private ensureSame(): void {
    this.guard();
    const there = onFile('read', this.path, () => statSync(this.path, { bigint: true, throwIfNoEntry: false }));
    if (there !== undefined && isSame(there, fstatSync(this.file, { bigint: true }))) return;
    const what = there === undefined ? 'removed' : 'replaced';
    throw new FolderLostError(`${this.path} was ${what} while it was written; nothing more is written`);
  }
}

/**
 * Yields the complete lines of a file; none if the file is absent.
 *
 * @throws FileError if it cannot be read, or is too large
 */
export function* readLines(path: string): Generator<string> {
  try {
    for (const { text } of wholeLines(path, MOST_BYTES.log)) if (text !== undefined) yield text;
  } catch (error) {
    if (!isMissing(error, path)) throw error;
  }
}

/** A line without its line feed; the text is undefined if it is too long. `end` is the byte after it. */
interface Line {
  readonly text: string | undefined;
  readonly end: number;
}

/** Reads the complete lines in portions of the file. @param most maximum size of the file in bytes */
function* wholeLines(path: string, most = Infinity): Generator<Line> {
  const file = openRegular(path, 'read');
  try {
    checkSize(path, fstatSync(file).size, most);
    const portion = Buffer.allocUnsafeSlow(PORTION);
    let begun: Buffer[] = [];
    let begunBytes = 0;
    for (let start = 0; ;) {
      const got = onFile('read', path, () => readSync(file, portion, 0, PORTION, null));
      if (got === 0) return;
      let from = 0;
      for (let at = portion.indexOf(NEWLINE); at >= 0 && at < got; at = portion.indexOf(NEWLINE, from)) {
        const isLong = begunBytes + at - from > MOST_LINE_BYTES;
        const text = isLong ? undefined : Buffer.concat([...begun, portion.subarray(from, at)]).toString('utf8');
        from = at + 1;
        [begun, begunBytes] = [[], 0];
        yield { text, end: start + from };
      }
      begunBytes += got - from;
      if (begunBytes > MOST_LINE_BYTES) begun = [];
      else begun.push(Buffer.from(portion.subarray(from, got)));
      start += got;
    }
  } finally {
    closeSync(file);
  }
}
