/**
 * @file Folders that are made to last.
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
 * Makes a folder and those above it where they are not, and makes them last through a power cut.
 *
 * Not by Node's own `recursive`: that calls a read-only disk ENOENT, and never comes back from a folder that cannot have
 * one in it, such as /proc.
 *
 * @returns whether it was not there yet
 * @throws FileError
 */
export function makeFolder(path: string): boolean {
  return onFile('create the folder', path, () => make(path));
}

/**
 * Makes a folder within one that this program writes, as {@link makeFolder} does. A link in its place is not followed: the
 * folder above may come from somebody else, and its links lead anywhere.
 *
 * @throws FileError
 */
export function makeFolderWithin(path: string): void {
  checkNotLink(path);
  makeFolder(path);
}

/** @throws FileError where there is a link in the place of a folder that is written, see {@link makeFolderWithin} */
export function checkNotLink(path: string): void {
  const found = onFile('write', path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found?.isSymbolicLink() === true) {
    throw new FileError(`cannot write ${path}: it is a link, and links are not followed here`);
  }
}

/** Names of the folders in a folder, and of links to folders; a link that is broken or leads to itself is none. */
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

/** Where a new folder goes: the path that a user named, or the first free name of a default, `base`, `base-2`, … */
export type NewFolder = string | { readonly firstFree: string };

/**
 * Makes a new folder, and those above it where they are not. Of several processes that ask for the first free name at
 * once each gets a folder of its own.
 *
 * @returns its path, and whether it was not there yet
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

/** @returns false where there is something of that name, a folder or not */
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

/** Removes a folder, unless somebody put something into it. */
export function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or gone: nothing of ours.
  }
}

/**
 * Makes the names in a folder last through a power cut. What they name is in place already, so a file system that cannot
 * do this (some network mounts), or needs no such thing (Windows opens no folder), is no reason to report failure.
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
    // As good as it can be had here.
  }
}
