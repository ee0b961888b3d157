/**
 * @file Checks names that become one segment of a path, of characters that every file system accepts. Names may come from
 * another user's file, so they are checked when they are read and again when they are joined.
 */
import { join } from 'node:path';
import { FileError } from './errors.js';
import { shown } from '../data/printable.js';

/** Maximum length. File systems accept 255; the rest is for a suffix. */
const MOST_CHARACTERS = 240;

/** The rule of {@link isSegment}, for messages. */
export const SEGMENT_RULE = `letters, digits, ".", "_" and "-", at most ${MOST_CHARACTERS}, not "." at an end`;

/** The allowed characters, for schemas. */
export const SEGMENT = /^[\w-](?:[\w.-]*[\w-])?$/;

/** Names of devices on Windows, with any suffix. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether a name is one segment of a path: never `..`, absolute, hidden, empty or a device. */
export function isSegment(name: string): boolean {
  return name.length <= MOST_CHARACTERS && SEGMENT.test(name) && !name.includes('..') && !DEVICE.test(name);
}

/** Joins folders with a name that must be one segment. @throws FileError */
export function joinSegment(folder: string, name: string): string {
  if (isSegment(name)) return join(folder, name);
  throw new FileError(`${shown(name)} cannot be a name in ${folder}: it takes ${SEGMENT_RULE}`);
}
