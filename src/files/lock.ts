/**
 * @file A lock on a folder, so that two processes never write one run. It ends with its process, however that ends: a
 * lock whose process is gone is taken over at once.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { onFile, systemCode } from './errors.js';
import { parseRecord } from './json.js';
import { isRunning } from './processes.js';

/** The folder's lock file. */
export const LOCK_NAME = '.lock';

/** A lock file without content is one that is being written, or whose writer was killed right then. */
const EMPTY_IS_STALE_AFTER = 5_000;

/** In the place of the birth of a process that ended. */
const ENDED = 'ended';

/** Another process holds the folder. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/** The process that holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly born: string;
}

/** A folder that is this process's own until {@link release}, or until the process ends. */
export class FolderLock {
  private readonly onExit = (): void => this.release();
  private held = true;

  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {
    process.once('exit', this.onExit);
  }

  /**
   * @param folder must exist
   * @throws LockedError when a living process holds it; FileError when it cannot be written
   */
  static acquire(folder: string): FolderLock {
    const path = join(folder, LOCK_NAME);
    const content = JSON.stringify({ pid: process.pid, host: hostname(), born: birthOf(process.pid) });
    take(path, content, folder);
    return new FolderLock(path, content);
  }

  /** Whether a living process holds a folder; one of another host counts as living. */
  static isHeld(folder: string): boolean {
    const holder = parseHolder(contentOf(join(folder, LOCK_NAME)) ?? '');
    return holder !== undefined && (holder.host !== hostname() || isAlive(holder));
  }

  /** Gives the folder back. */
  release(): void {
    if (!this.held) return;
    this.held = false;
    process.off('exit', this.onExit);
    // Somebody may have removed the lock by hand and another process taken the folder since: its lock stays.
    if (contentOf(this.path) === this.content) rmSync(this.path, { force: true });
  }
}

/** Makes the lock file, in the place of one whose process is gone. @throws LockedError, FileError */
function take(path: string, content: string, folder: string): void {
  // A second time after a stale lock went; a third if another process was faster, whose lock then is not stale.
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(path, content)) return;
    const stale = staleContent(path, folder);
    if (stale !== undefined) removeStale(path, stale, content, folder);
  }
  throw new LockedError(`the folder ${folder} is being taken by other processes just now; try again`);
}

function create(path: string, content: string): boolean {
  return onFile('write', path, () => {
    let file;
    try {
      file = openSync(path, 'wx');
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      writeFileSync(file, content);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * What a lock says whose process is gone; undefined where there is no lock any more.
 *
 * @throws LockedError if its process is not gone, or nobody can tell
 */
function staleContent(path: string, folder: string): string | undefined {
  // A lock that is there and cannot be read is to be told of; one that went just now is none.
  const content = onFile('read', path, () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
  if (content === undefined) return undefined;
  const holder = parseHolder(content);
  if (holder === undefined) {
    const age = Math.abs(Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
    if (age < EMPTY_IS_STALE_AFTER) throw new LockedError(`another process is just taking the folder ${folder}`);
  } else if (holder.host !== hostname()) {
    throw new LockedError(
      `the folder ${folder} is in use by process ${holder.pid} on ${holder.host}; ` +
        `if that one no longer runs, delete ${path}`,
    );
  } else if (isAlive(holder)) {
    throw new LockedError(`the folder ${folder} is in use by process ${holder.pid}`);
  }
  return content;
}

/**
 * Removes a stale lock. Of all processes that found it, one at a time may, under a lock on this very content: one that
 * looked before another took the folder would else remove the lock of that one.
 */
function removeStale(path: string, stale: string, content: string, folder: string): void {
  // Called as a file that was never completed, for that is what it is where its process is killed.
  const digest = createHash('sha256').update(stale).digest().readUIntBE(0, 6);
  const guard = `${path}.${digest}.tmp`;
  take(guard, content, folder);
  try {
    if (staleContent(path, folder) === stale)
      onFile('remove the stale lock', path, () => rmSync(path, { force: true }));
  } finally {
    rmSync(guard, { force: true });
  }
}

function parseHolder(content: string): Holder | undefined {
  const { pid, host, born } = parseRecord(content) ?? {};
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  return typeof host === 'string' && typeof born === 'string' ? { pid, host, born } : undefined;
}

function isAlive({ pid, born }: Holder): boolean {
  const found = birthOf(pid);
  if (!isRunning(pid)) return false;
  // Where the system does not say, not of another user's process for one, the number must do.
  return found !== ENDED && (found === '' || born === '' || found === born);
}

/** On Linux, the boot and the tick at which a process started, or {@link ENDED}; empty elsewhere. */
function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2, the program's name, may hold spaces and brackets; field 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that ended, and that its parent has not looked after yet, holds nothing any more.
    return fields[0] === 'Z' ? ENDED : `${boot}/${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}
