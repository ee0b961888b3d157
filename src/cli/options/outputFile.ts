/**
 * @file Writes the file that a command's flag names.
 */
import { basename, dirname } from 'node:path';
import { type Content, removeTemporaries, writeAtomically } from '../../files/atomic.js';
import { makeFolder } from '../../files/folders.js';

/** Writes the file atomically, and creates its folder if needed. @throws FileError */
export function writeOutput(path: string, content: Content): void {
  makeFolder(dirname(path));
  removeTemporaries(dirname(path), [basename(path)]);
  writeAtomically(path, content);
}
