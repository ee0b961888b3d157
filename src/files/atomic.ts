/**
 * @file Files that are there whole or not at all, whatever happens to the process or the machine while they are written.
 */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What a file is called until it is complete: hidden, and told apart by the process that writes it. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/** Whether a name is that of a file that was never completed. */
export function isTemporary(name: string): boolean {
  return /^\..*\.\d+\.tmp$/.test(name);
}

/**
 * Writes a file under a name of its own, flushes it to the disk, and only then gives it its name: a reader finds the
 * old content or the new one, never half of it, and after a power cut too.
 *
 * @throws the system's error (ENOSPC, EROFS, EACCES …) with nothing left behind
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/** Makes the names in a folder last through a power cut; Windows does so by itself and opens no folder. */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Removes what processes that were killed while writing left in a folder. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (isTemporary(name)) rmSync(join(folder, name), { force: true });
  }
}
