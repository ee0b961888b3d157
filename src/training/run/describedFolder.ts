/**
 * @file A folder that one process works in at a time, with a JSON file that says what it holds: what the folders of runs
 * and of classifiers have in common.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporary, removeTemporaries, replaceAtomically } from '../../files/atomic.js';
import { FileError, onFile, systemCode } from '../../files/errors.js';
import { checkNotLink, makeNewFolder, type NewFolder, removeEmpty } from '../../files/folders.js';
import { FolderLock, LOCK_NAME } from '../../files/lock.js';
import { isMissing, MOST_BYTES, readRegularText } from '../../files/regularFiles.js';
import { RunError } from './runDescription.js';

/** What such a folder holds. */
export interface FolderKind<Description> {
  /** In a message: `<path> is no <what> folder`. */
  readonly what: string;
  /** The name of the file that describes it. */
  readonly file: string;
  /** @throws RunError where a text is no such description; `path` is for the message */
  readonly parse: (text: string, path: string) => Description;
}

/** @throws RunError when the folder is none of that kind, or its description is damaged; FileError */
export function readDescription<Description>(kind: FolderKind<Description>, path: string): Description {
  const file = join(path, kind.file);
  let text: string;
  try {
    text = readRegularText(file, MOST_BYTES.json);
  } catch (cause) {
    const isUnderFile = cause instanceof FileError && systemCode(cause.cause) === 'ENOTDIR';
    if (!isUnderFile && !isMissing(cause, file)) throw cause;
    throw new RunError(`${path} is no ${kind.what} folder: there is no ${file}`, { cause, missing: true });
  }
  return kind.parse(text, file);
}

/** @throws FileError */
export function writeDescription<Description extends object>(
  kind: FolderKind<Description>,
  path: string,
  description: Description,
): void {
  replaceAtomically(join(path, kind.file), `${JSON.stringify(description, null, 2)}\n`);
}

/** For a look before anything is made or opened. @throws RunError when there cannot be a new folder */
export function checkUnused({ what, file }: FolderKind<unknown>, path: string): void {
  if (!existsSync(path)) return;
  const there = onFile('read the folder', path, () => readdirSync(path)).filter((name) => {
    return name !== LOCK_NAME && !isTemporary(name);
  });
  if (there.includes(file)) {
    throw new RunError(`the folder ${path} holds a ${what} already: --resume goes on with it, --out names another`);
  }
  if (there.length > 0) throw new RunError(`the ${what} folder ${path} is not empty; name another with --out`);
}

/**
 * Makes a new folder.
 *
 * @param place a folder that is there already must be empty
 * @param make puts together what works in it, which gives the lock back
 * @throws RunError when there is something in it; LockedError when another process is at it; FileError when it cannot
 *   be written, with no new folder left behind
 */
export function createFolder<Description extends object, Folder>(
  kind: FolderKind<Description>,
  place: NewFolder,
  description: Description,
  make: (path: string, lock: FolderLock) => Folder,
): Folder {
  const { path, made } = makeNewFolder(place);
  let lock: FolderLock | undefined;
  let isOurs = false;
  try {
    lock = FolderLock.acquire(path);
    checkUnused(kind, path);
    isOurs = true;
    removeTemporaries(path);
    writeDescription(kind, path, description);
    return make(path, lock);
  } catch (error) {
    if (isOurs) rmSync(join(path, kind.file), { force: true });
    lock?.release();
    if (made) removeEmpty(path);
    throw error;
  }
}

/**
 * Takes a folder to go on with.
 *
 * @param within folders in it that are written as well; links in their places are refused
 * @param make as for {@link createFolder}
 * @throws RunError, LockedError, FileError
 */
export function openFolder<Description, Folder>(
  kind: FolderKind<Description>,
  path: string,
  within: readonly string[],
  make: (lock: FolderLock) => Folder,
): { folder: Folder; description: Description } {
  readDescription(kind, path);
  const lock = FolderLock.acquire(path);
  try {
    // Read again, now that nobody else writes it.
    const description = readDescription(kind, path);
    for (const folder of within) checkNotLink(folder);
    for (const folder of [path, ...within]) removeTemporaries(folder);
    return { folder: make(lock), description };
  } catch (error) {
    lock.release();
    throw error;
  }
}
