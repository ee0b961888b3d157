/**
 * @file A file that the user named for a command's result.
 */
import { dirname } from 'node:path';
import { writeAtomically } from '../files/atomic.js';
import { makeFolder } from '../files/folders.js';

/** Writes the file, whole or not at all, and makes its folder where there is none. @throws FileError */
export function writeOutput(path: string, content: Uint8Array): void {
  makeFolder(dirname(path));
  writeAtomically(path, content);
}
