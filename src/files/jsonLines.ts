/**
 * @file A file of JSON lines, appended as something goes on, that survives a crash: its last line may be half written.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { onFile, systemCode } from './errors.js';

/** A file that is open for appending. */
export class JsonLines {
  private readonly file: number;
  private size: number;

  /** Opens the file, and makes it where it is not. @throws FileError */
  constructor(readonly path: string) {
    this.file = onFile('write', path, () => openSync(path, 'a'));
    this.size = fstatSync(this.file).size;
  }

  /**
   * Appends a line for each value; all of them, or none.
   *
   * @throws FileError when there is no space, with the file as it was
   */
  append(values: readonly object[]): void {
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
    onFile('write', this.path, () => fsyncSync(this.file));
  }

  /** No more is appended. */
  close(): void {
    closeSync(this.file);
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
