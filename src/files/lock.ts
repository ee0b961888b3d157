/**
 * @file Locks a folder, so that two processes never write one run. The lock ends with its process, even by a crash: a lock of
 * an ended process is taken over at once.
 */
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { onFile, systemCode } from './errors.js';
import { parseRecord } from './json.js';
import { livenessOf, ownIdentity, type ProcessIdentity } from './processes.js';
import { MOST_BYTES, readRegularText, readTextIfThere } from './regularFiles.js';
import { printable } from '../data/printable.js';
import { temporaryPath } from './temporaries.js';

/** The folder's lock file. */
export const LOCK_NAME = '.lock';

/** `.lock.<digest>.tmp`: held while a stale lock is removed, see {@link removeStale}. */
const GUARD_NAME = /^\.lock\.\d+\.tmp$/;

/**
 * A lock file without content was written by an older version, or on a file system without hard links: it is being
 * written, or its writer was killed right then.
 */
const EMPTY_IS_STALE_AFTER = 5_000;

/** Errors of `link` on file systems without hard links (exFAT, some network mounts and containers). */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EACCES', 'EMLINK', 'EINVAL', 'EXDEV']);

/** Another process holds the folder. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/** The folder, or a file that this process writes in it, was removed, moved or replaced meanwhile. */
export class FolderLostError extends Error {
  override readonly name = 'FolderLostError';
}

/** Throws FolderLostError if this process has lost a folder. Called before each write into it. */
export type Guard = () => void;

/** Locks that this process holds. One listener for all: a comparison holds a folder for each of its methods. */
const held = new Set<FolderLock>();

function releaseAll(): void {
  for (const lock of held) lock.release();
}

/** A folder that this process holds until {@link release}, or until it ends. */
export class FolderLock {
  private constructor(
    private readonly folder: string,
    private readonly path: string,
    private readonly content: string,
    /** Open as long as the lock is held, so that no other file gets its inode number. */
    private readonly file: number,
  ) {
    if (held.size === 0) process.on('exit', releaseAll);
    held.add(this);
  }

  /**
   * @param folder must exist
   * @throws LockedError if a living process holds it; FileError if it cannot be written
   */
  static acquire(folder: string): FolderLock {
    const path = join(folder, LOCK_NAME);
    const content = JSON.stringify(ownIdentity());
    const file = take(path, content, folder);
    removeGuards(folder);
    return new FolderLock(folder, path, content, file);
  }

  /** Whether a living process holds a folder; one of another host or PID namespace counts as living. */
  static isHeld(folder: string): boolean {
    const holder = parseHolder(contentOf(join(folder, LOCK_NAME)) ?? '');
    return holder !== undefined && livenessOf(holder) !== 'gone';
  }

  /**
   * Checks that this process still holds the folder: call it before each write. It costs two stats and one short read.
   *
   * @throws FolderLostError if the folder or its lock file was moved, removed or replaced
   */
  readonly ensureHeld: Guard = () => {
    if (this.isOwn) return;
    const found = contentOf(this.path);
    const holder = parseHolder(found ?? '');
    const what = found === undefined ? 'it was moved away or removed' : 'it was replaced';
    const whose = holder === undefined || found === this.content ? '' : `, and is in use by process ${holder.pid}`;
    throw new FolderLostError(
      `the folder ${this.folder} is no longer this process's: ${what} while it was written${whose}; nothing more is written`,
    );
  };

  /** Releases the folder. */
  release(): void {
    if (!held.has(this)) return;
    // If the lock was removed by hand and another process has taken the folder since, that lock stays.
    const isOwn = this.isOwn;
    held.delete(this);
    if (held.size === 0) process.off('exit', releaseAll);
    closeSync(this.file);
    if (isOwn) rmSync(this.path, { force: true });
  }

  /** Whether this process still holds the folder. */
  get isOwn(): boolean {
    if (!held.has(this)) return false;
    const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    return there !== undefined && isSame(there, fstatSync(this.file, { bigint: true })) && this.hasContent(there);
  }

  /** Whether the lock file is unchanged. Only an edit by hand changes it. */
  private hasContent({ size }: BigIntStats): boolean {
    return size === BigInt(Buffer.byteLength(this.content)) && contentOf(this.path) === this.content;
  }
}

/** Whether both describe one file. */
export function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/**
 * Creates the lock file, and replaces one of an ended process.
 *
 * @returns the open file
 * @throws LockedError, FileError
 */
function take(path: string, content: string, folder: string): number {
  // Twice after a stale lock was removed; a third time if another process was faster, whose lock then is not stale.
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = create(path, content);
    if (file !== undefined) return file;
    const stale = staleContent(path, folder);
    if (stale !== undefined) removeStale(path, stale, content, folder);
  }
  throw new LockedError(`the folder ${folder} is being taken by other processes just now; try again`);
}

/**
 * Creates the lock file with its content atomically: writes it aside and links it into place. A killed process leaves a
 * complete lock or none.
 *
 * On a file system without hard links the file is created in place and then written: a process killed in between
 * leaves an empty lock, which others wait {@link EMPTY_IS_STALE_AFTER} for.
 *
 * @returns the open file; undefined if a lock exists
 */
function create(path: string, content: string): number | undefined {
  return onFile('write', path, () => {
    const temporary = temporaryPath(path);
    const file = openSync(temporary, 'wx+');
    try {
      writeSync(file, content);
      fsyncSync(file);
      if (linkInto(temporary, path, file)) return file;
    } catch (error) {
      closeSync(file);
      if (NO_LINKS.has(systemCode(error) ?? '')) return createInPlace(path, content);
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
    closeSync(file);
    return undefined;
  });
}

/** @returns whether `path` is now this file */
function linkInto(temporary: string, path: string, file: number): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    // A network mount may have linked it and answered twice.
    const there = statSync(path, { bigint: true, throwIfNoEntry: false });
    return there !== undefined && isSame(there, fstatSync(file, { bigint: true }));
  }
}

function createInPlace(path: string, content: string): number | undefined {
  let file;
  try {
    file = openSync(path, 'wx+');
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw error;
  }
  try {
    writeSync(file, content);
    return file;
  } catch (error) {
    closeSync(file);
    rmSync(path, { force: true });
    throw error;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readRegularText(path, MOST_BYTES.note);
  } catch {
    return undefined;
  }
}

/**
 * Reads the lock of an ended process; undefined if the lock was removed meanwhile.
 *
 * @throws LockedError if its process runs, or if that is unknown
 */
function staleContent(path: string, folder: string): string | undefined {
  // An unreadable lock is an error; a lock that was removed meanwhile is not.
  const content = readTextIfThere(path, MOST_BYTES.note);
  if (content === undefined) return undefined;
  const holder = parseHolder(content);
  if (holder === undefined) {
    const age = Math.abs(Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
    if (age >= EMPTY_IS_STALE_AFTER) return content;
    throw new LockedError(`another process is just taking the folder ${folder}`);
  }
  const liveness = livenessOf(holder);
  if (liveness === 'gone') return content;
  if (liveness === 'running') throw new LockedError(`the folder ${folder} is in use by process ${holder.pid}`);
  const own = ownIdentity();
  const where =
    holder.host === own.host ? 'in another container (PID namespace) of this host' : `on ${printable(holder.host)}`;
  throw new LockedError(
    `the folder ${folder} is in use by process ${holder.pid} ${where}; if that one no longer runs, delete ${path}`,
  );
}

/**
 * Removes a stale lock. A second lock, on its content, admits one process at a time: otherwise a process that read the lock
 * before another took the folder would remove the lock of that one.
 */
function removeStale(path: string, stale: string, content: string, folder: string): void {
  // Named like an incomplete file, because that is what a killed process leaves.
  const digest = createHash('sha256').update(stale).digest().readUIntBE(0, 6);
  const guard = `${path}.${digest}.tmp`;
  closeSync(take(guard, content, folder));
  try {
    if (staleContent(path, folder) === stale)
      onFile('remove the stale lock', path, () => rmSync(path, { force: true }));
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Removes guards that killed processes left. Only the holder of the lock may: the stale lock is gone then, so removing the
 * guard of a living process does no harm.
 */
function removeGuards(folder: string): void {
  try {
    for (const name of readdirSync(folder)) if (GUARD_NAME.test(name)) rmSync(join(folder, name), { force: true });
  } catch {
    // They do no harm.
  }
}

function parseHolder(content: string): ProcessIdentity | undefined {
  // A lock of an older version has no space.
  const { pid, host, born, space = '' } = parseRecord(content) ?? {};
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (typeof host !== 'string' || typeof born !== 'string' || typeof space !== 'string') return undefined;
  return { pid, host, space, born };
}
