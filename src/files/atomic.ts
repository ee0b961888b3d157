/**
 * @file Files that are there whole or not at all, whatever happens to the process or the machine while they are written.
 */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileError, onFile } from './errors.js';
import { flushFolder } from './folders.js';

/** What a file is called until it is complete: hidden, and told apart by the process that writes it. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/** Whether a name is that of a file that was never completed. */
export function isTemporary(name: string): boolean {
  return /^\..*\.\d+\.tmp$/s.test(name);
}

/**
 * Writes a file under a name of its own, flushes it to the disk, and only then gives it its name: a reader finds the
 * old content or the new one, never half of it, and after a power cut too.
 *
 * A link is followed: what it leads to is replaced.
 *
 * @throws FileError naming the file and the reason (no space, read-only …), with nothing left behind; also for what is
 *   no regular file (/dev/null, a pipe): it would be replaced by one
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  onFile('write', path, () => replace(targetOf(path), content));
}

function targetOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return path;
  if (found.isSymbolicLink()) return targetOf(realpathSync(path));
  if (found.isDirectory()) throw new FileError(`cannot write ${path}: it is a folder; name a file`);
  throw new FileError(`cannot write ${path}: it is no regular file; name another`);
}

function replace(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  const file = openSync(temporary, 'w');
  try {
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

/** Removes what processes that were killed while writing left in a folder. */
export function removeTemporaries(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && isTemporary(entry.name)) rmSync(join(folder, entry.name), { force: true });
  }
}
