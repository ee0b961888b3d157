/**
 * @file Writes files atomically: a crash leaves the old content or the new one, never a part.
 */
import { closeSync, fsyncSync, lstatSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileError, onFile } from './errors.js';
import { flushFolder } from './folders.js';
import { temporaryPath } from './temporaries.js';

export { isTemporary, removeTemporaries } from './temporaries.js';

/** Content of a file. Pieces are written one by one, so that they need not be in memory together. */
export type Content = string | Uint8Array | Iterable<Uint8Array>;

/**
 * Writes a file under a temporary name, flushes it to the disk, and then renames it: a reader finds the old content or the
 * new one, never half of it, even after a power cut.
 *
 * Follows a link and replaces its target.
 *
 * @throws FileError naming the file and the reason (no space, read-only …), with nothing left behind; also if the target
 *   is not a regular file (/dev/null, a pipe)
 */
export function writeAtomically(path: string, content: Content): void {
  onFile('write', path, () => replace(targetOf(path), content));
}

/**
 * Writes a file in a folder of this program: as {@link writeAtomically}, but replaces a link instead of following it. The
 * folder may come from another user, and its links may lead anywhere.
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
  // Exclusive: no other writer can have the name, and an existing link is not followed.
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
