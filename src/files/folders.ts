/**
 * @file Creates folders that survive a power cut.
 */
import {
  closeSync,
  type Dirent,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FileError, onFile, systemCode } from './errors.js';

/**
 * Creates a folder with its missing parents, and flushes them to the disk.
 *
 * Node's own `recursive` reports a read-only disk as ENOENT, and does not return from a folder that cannot hold folders,
 * such as /proc.
 *
 * @returns whether it was created
 * @throws FileError
 */
export function makeFolder(path: string): boolean {
  return onFile('create the folder', path, () => make(path));
}

/**
 * Creates a folder in one that this program writes, as {@link makeFolder} does, but follows no link: the parent folder may
 * come from another user, and its links may lead anywhere.
 *
 * @throws FileError
 */
export function makeFolderWithin(path: string): void {
  checkNotLink(path);
  makeFolder(path);
}

/** @throws FileError if a link is in the place of the folder, see {@link makeFolderWithin} */
export function checkNotLink(path: string): void {
  const found = onFile('write', path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found?.isSymbolicLink() === true) {
    throw new FileError(`cannot write ${path}: it is a link, and links are not followed here`);
  }
}

/** Names of the folders in a folder, links to folders included; broken and circular links are left out. */
export function foldersIn(path: string): string[] {
  const entries = onFile('read', path, () => readdirSync(path, { withFileTypes: true }));
  return entries.filter((entry) => entry.isDirectory() || leadsToFolder(entry, path)).map(({ name }) => name);
}

function leadsToFolder(entry: Dirent, folder: string): boolean {
  if (!entry.isSymbolicLink()) return false;
  try {
    return statSync(join(folder, entry.name)).isDirectory();
  } catch {
    return false;
  }
}

function make(path: string): boolean {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && statSync(path).isDirectory()) return false;
    const above = dirname(path);
    if (systemCode(error) !== 'ENOENT' || existsSync(above)) throw error;
    make(above);
    return make(path);
  }
  flushFolder(dirname(path));
  return true;
}

/** Place of a new folder: the user's path, or the first free name of a default, `base`, `base-2`, … */
export type NewFolder = string | { readonly firstFree: string };

/**
 * Creates a new folder with its missing parents. Processes that request the first free name at the same time get different
 * folders.
 *
 * @returns its path, and whether it was created
 * @throws FileError
 */
export function makeNewFolder(place: NewFolder): { readonly path: string; readonly made: boolean } {
  if (typeof place === 'string') return { path: place, made: makeFolder(place) };
  const { firstFree } = place;
  makeFolder(dirname(firstFree));
  for (let number = 1; ; number++) {
    const path = number === 1 ? firstFree : `${firstFree}-${number}`;
    if (onFile('create the folder', path, () => makeOne(path))) return { path, made: true };
  }
}

/** @returns false if the name is taken */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  flushFolder(dirname(path));
  return true;
}

/** Removes a folder if it is empty. */
export function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or already removed.
  }
}

/**
 * Flushes the names in a folder to the disk. The files are already in place, so a file system that cannot do this (some
 * network mounts) or does not need it (Windows opens no folder) is not an error.
 */
export function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Not supported here.
  }
}
