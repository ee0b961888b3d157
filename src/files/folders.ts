/**
 * @file Folders that are made to last.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { onFile, systemCode } from './errors.js';

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
