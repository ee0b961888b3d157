/**
 * @file Files that are there whole or not at all, whatever happens to the process or the machine while they are written.
 */
import { closeSync, fsyncSync, lstatSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileError, onFile } from './errors.js';
import { flushFolder } from './folders.js';
import { temporaryPath } from './temporaries.js';

export { isTemporary, removeTemporaries } from './temporaries.js';

/** What a file is to hold; pieces are written as they come, so that they need not be in memory together. */
export type Content = string | Uint8Array | Iterable<Uint8Array>;

/**
 * Writes a file under a name of its own, flushes it to the disk, and only then gives it its name: a reader finds the
 * old content or the new one, never half of it, and after a power cut too.
 *
 * A link is followed: what it leads to is replaced.
 *
 * @throws FileError naming the file and the reason (no space, read-only …), with nothing left behind; also for what is
 *   no regular file (/dev/null, a pipe): it would be replaced by one
 */
export function writeAtomically(path: string, content: Content): void {
  onFile('write', path, () => replace(targetOf(path), content));
}

/**
 * Writes a file within a folder of this program: as {@link writeAtomically}, but a link is replaced, not followed. The
 * folder may come from somebody else, and its links lead anywhere.
 *
 * @throws FileError
 */
export function replaceAtomically(path: string, content: Content): void {
  onFile('write', path, () => {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    replace(isLink ? path : targetOf(path), content);
  });
}

function targetOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return path;
  if (found.isSymbolicLink()) return targetOf(realpathSync(path));
  if (found.isDirectory()) throw new FileError(`cannot write ${path}: it is a folder; name a file`);
  throw new FileError(`cannot write ${path}: it is no regular file; name another`);
}

function replace(path: string, content: Content): void {
  const temporary = temporaryPath(path);
  // Exclusively: no other writer can have the name, and what lies there by chance is not written through.
  const file = openSync(temporary, 'wx');
  try {
    try {
      for (const bytes of piecesOf(content)) {
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      }
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

function piecesOf(content: Content): Iterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}
