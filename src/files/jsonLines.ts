/**
 * @file A file of JSON lines, appended as something goes on, that survives a crash: its last line may be half written.
 */
import { closeSync, fstatSync, fsyncSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { onFile } from './errors.js';
import { FolderLostError, type Guard, isSame } from './lock.js';
import { checkSize, isMissing, MOST_BYTES, openRegular } from './regularFiles.js';

/** Bytes that are read at a time. */
const PORTION = 2 ** 18;

/** A longer line is none of this program's. */
const MOST_LINE_BYTES = 2 ** 24;

const NEWLINE = 0x0a;

/** A file that is open for appending. */
export class JsonLines {
  private readonly file: number;
  private size: number;

  /**
   * Opens the file, and makes it where it is not.
   *
   * @param guard says whether its folder is still this process's
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
   * Appends a line for each value; all of them, or none.
   *
   * @throws FileError when there is no space, with the file as it was; FolderLostError when the file is another one now
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

  /** Cuts off what comes after the last line that is to stay, a last line that was never completed included. */
  truncate(stays: (line: string) => boolean): void {
    this.ensureSame();
    let end = 0;
    for (const line of wholeLines(this.path)) {
      // The last that is to stay decides: a damaged line before it takes none of the others along.
      if (line.text !== undefined && stays(line.text)) ({ end } = line);
    }
    this.size = end;
    if (end === fstatSync(this.file).size) return;
    // By the path: Windows cuts no file that is open for appending.
    onFile('write', this.path, () => truncateSync(this.path, end));
  }

  /** Makes what was appended last through a power cut. */
  flush(): void {
    this.ensureSame();
    onFile('write', this.path, () => fsyncSync(this.file));
  }

  /** No more is appended. */
  close(): void {
    closeSync(this.file);
  }

  /** What goes into a file that was removed or replaced is lost. */
  private ensureSame(): void {
    this.guard();
    const there = onFile('read', this.path, () => statSync(this.path, { bigint: true, throwIfNoEntry: false }));
    if (there !== undefined && isSame(there, fstatSync(this.file, { bigint: true }))) return;
    const what = there === undefined ? 'removed' : 'replaced';
    throw new FolderLostError(`${this.path} was ${what} while it was written; nothing more is written`);
  }
}

/**
 * The lines of a file that are complete, one at a time; none where there is no file.
 *
 * @throws FileError when it cannot be read, or is too large
 */
export function* readLines(path: string): Generator<string> {
  try {
    for (const { text } of wholeLines(path, MOST_BYTES.log)) if (text !== undefined) yield text;
  } catch (error) {
    if (!isMissing(error, path)) throw error;
  }
}

/** A line without its end; the text is undefined for one that is too long to be any. `end` is the byte after it. */
interface Line {
  readonly text: string | undefined;
  readonly end: number;
}

/** Reads the complete lines, a portion of the file in memory at a time. @param most bytes that the file may have */
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
