/**
 * @file A file of JSON lines, appended as something goes on, that survives a crash: its last line may be half written.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { onFile, systemCode } from './errors.js';
import { FolderLostError, type Guard, isSame } from './lock.js';

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
    this.file = onFile('write', path, () => openSync(path, 'a'));
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
    // A character for each byte, so that places in the text are places in the file, whatever damage it took.
    const text = onFile('read', this.path, () => readFileSync(this.path, 'latin1'));
    let end = 0;
    let at = 0;
    for (const line of wholeLines(text)) {
      at += line.length + 1;
      // The last that is to stay decides: a damaged line before it takes none of the others along.
      if (stays(line)) end = at;
    }
    this.size = end;
    if (end === text.length) return;
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

/** The lines of a file that are complete; none where there is no file. @throws FileError when it cannot be read */
export function readLines(path: string): string[] {
  try {
    return wholeLines(readFileSync(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    return onFile('read', path, () => {
      throw error;
    });
  }
}

function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
