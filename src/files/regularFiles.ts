/**
 * @file Opens and reads regular files only. A FIFO in the place of a file would block the process for ever, deaf to
 * signals; a device may never end; a file may be larger than memory. The type is checked on the open descriptor, not
 * by a `stat` before, so the file cannot change in between.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { FileError, onFile, systemCode } from './errors.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Bounds on the bytes of a file, by what it holds. */
export const MOST_BYTES = {
  /** Descriptions in JSON: run.json, study.json, a measurement, the tuning cache. */
  json: 16 * MIB,
  /** A lock, and other files of a line. */
  note: 64 * KIB,
  /** Weights: Node reads no more in one call. */
  weights: 2 * GIB - 1,
  /** A PNG: 16-bit RGBA without compression at the most pixels that are decoded, and room for other chunks. */
  picture: 144 * MIB,
  /** Logs are read line by line, but their rows are kept. */
  log: GIB,
} as const;

/** Bytes that one call reads. */
const PORTION = 64 * MIB;

/** A flag of `open`; 0 where the system lacks it: Windows. */
function flag(name: 'O_NONBLOCK' | 'O_NOCTTY' | 'O_NOFOLLOW'): number {
  return new Map(Object.entries(constants)).get(name) ?? 0;
}

/** O_NONBLOCK: opening a FIFO returns at once. O_NOCTTY: opening a terminal does not make it the process's own. */
const SAFELY = flag('O_NONBLOCK') | flag('O_NOCTTY');

const ACCESS = {
  read: constants.O_RDONLY,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | flag('O_NOFOLLOW'),
} as const;

/**
 * Opens a regular file; `append` makes one where there is none, and follows no link: it may lead anywhere.
 *
 * @returns the descriptor, for the caller to close
 * @throws FileError for what is no regular file, naming what it is; and for what the system refuses
 */
export function openRegular(path: string, access: keyof typeof ACCESS): number {
  const action = access === 'read' ? 'read' : 'write';
  const file = onFile(action, path, () => {
    try {
      return openSync(path, ACCESS[access] | SAFELY);
    } catch (error) {
      // A socket, or a FIFO without a reader: neither opens.
      if (systemCode(error) === 'ENXIO') throw notRegular(action, path, statSync(path), error);
      if (systemCode(error) === 'ENOENT' && isLink(path)) {
        throw new FileError(`cannot ${action} ${path}: it is a link that leads nowhere (ENOENT)`, { cause: error });
      }
      if (systemCode(error) === 'ELOOP' && access === 'append') {
        throw new FileError(`cannot write ${path}: it is a link, and links are not followed here`, { cause: error });
      }
      throw error;
    }
  });
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw notRegular(action, path, found);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function notRegular(action: string, path: string, found: Stats, cause?: unknown): FileError {
  if (found.isDirectory()) return new FileError(`cannot ${action} ${path}: it is a folder, not a file (EISDIR)`);
  return new FileError(`cannot ${action} ${path}: it is ${kindOf(found)}, not a regular file`, { cause });
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return 'a FIFO';
  if (found.isSocket()) return 'a socket';
  if (found.isCharacterDevice()) return 'a character device';
  return found.isBlockDevice() ? 'a block device' : 'something else';
}

/**
 * Reads a whole regular file.
 *
 * @param most maximum size in bytes; a larger file is not read
 * @throws FileError
 */
export function readRegularFile(path: string, most: number): Buffer {
  const file = openRegular(path, 'read');
  try {
    return onFile('read', path, () => readAll(file, path, most));
  } finally {
    closeSync(file);
  }
}

/** Reads a regular file of text in UTF-8. @param most see {@link readRegularFile} @throws FileError */
export function readRegularText(path: string, most: number): string {
  return readRegularFile(path, most).toString('utf8');
}

function readAll(file: number, path: string, most: number): Buffer {
  const { size } = fstatSync(file);
  checkSize(path, size, most);
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for (let got = -1; got !== 0 && filled < size; filled += got) {
    got = readSync(file, bytes, filled, Math.min(PORTION, size - filled), null);
  }
  // A file may grow meanwhile, and files in /proc state no size.
  const more: Buffer[] = [];
  for (let all = filled; filled === size;) {
    const portion = Buffer.allocUnsafeSlow(KIB * 64);
    const got = readSync(file, portion, 0, portion.length, null);
    if (got === 0) break;
    all += got;
    if (all > most) throw tooLarge(path, `more than ${count(most)}`, most);
    more.push(portion.subarray(0, got));
  }
  const whole = filled < size ? bytes.subarray(0, filled) : bytes;
  return more.length === 0 ? whole : Buffer.concat([whole, ...more]);
}

/** @param size bytes of a file @param most bytes that are read @throws FileError for a file that is too large */
export function checkSize(path: string, size: number, most: number): void {
  if (size > most) throw tooLarge(path, count(size), most);
}

function tooLarge(path: string, what: string, most: number): FileError {
  return new FileError(`cannot read ${path}: it is too large: ${what}, at most ${count(most)} are read`);
}

function count(bytes: number): string {
  return `${bytes.toLocaleString('en')} bytes`;
}

/** Whether an error means that the file is absent; a broken link is present. */
export function isMissing(error: unknown, path: string): boolean {
  return systemCode(error instanceof FileError ? error.cause : error) === 'ENOENT' && !isLink(path);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Reads a file of text, see {@link readRegularText}; undefined if absent. @throws FileError */
export function readTextIfThere(path: string, most: number): string | undefined {
  try {
    return readRegularText(path, most);
  } catch (error) {
    if (isMissing(error, path)) return undefined;
    throw error;
  }
}
