/**
 * @file A file that the user named for a command's result.
 */
import { basename, dirname } from 'node:path';
import { type Content, removeTemporaries, writeAtomically } from '../../files/atomic.js';
import { makeFolder } from '../../files/folders.js';

/** Writes the file, whole or not at all, and makes its folder where there is none. @throws FileError */
export function writeOutput(path: string, content: Content): void {
  makeFolder(dirname(path));
  removeTemporaries(dirname(path), [basename(path)]);
  writeAtomically(path, content);
}
