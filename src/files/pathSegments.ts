/**
 * @file Names that become part of a path: one segment each, of characters that every file system takes. They may come
 * out of a file that somebody else wrote, so they are checked where they are read and again where they are joined.
 */
import { join } from 'node:path';
import { FileError } from './errors.js';
import { shown } from '../data/printable.js';

/** File systems take 255; some stay free for an ending. */
const MOST_CHARACTERS = 240;

/** What {@link isSegment} takes, for messages. */
export const SEGMENT_RULE = `letters, digits, ".", "_" and "-", at most ${MOST_CHARACTERS}, not "." at an end`;

/** The characters alone, for schemas. */
export const SEGMENT = /^[\w-](?:[\w.-]*[\w-])?$/;

/** Names of devices on Windows, whatever their ending. */
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
