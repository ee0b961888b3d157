/**
 * @file The folder that a run writes: `run.json`, `metrics.jsonl`, `images/`, `curves.png` and `checkpoints/`.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporary, removeTemporaries, writeAtomically } from '../files/atomic.js';
import { onFile, systemCode } from '../files/errors.js';
import { makeFolder } from '../files/folders.js';
import { FolderLock, LOCK_NAME } from '../files/lock.js';
import { CheckpointFolder } from './checkpoints.js';
import { MetricsLog } from './metricsLog.js';
import { parseRun, RunError, type RunDescription } from './runDescription.js';

const RUN_FILE = 'run.json';
const METRICS_FILE = 'metrics.jsonl';
const DIAGNOSES_FILE = 'diagnoses.jsonl';

/** Where a run's files are. */
export function runFiles(path: string) {
  return {
    run: join(path, RUN_FILE),
    metrics: join(path, METRICS_FILE),
    diagnoses: join(path, DIAGNOSES_FILE),
    images: join(path, 'images'),
    curves: join(path, 'curves.png'),
    checkpoints: join(path, 'checkpoints'),
  };
}

/** Reads `run.json`. @throws RunError when the folder is no run, or its run.json is damaged */
export function readRun(path: string): RunDescription {
  const file = join(path, RUN_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') {
      throw new RunError(`${path} is no run folder: there is no ${file}`, { cause, missing: true });
    }
    return onFile('read', file, () => {
      throw cause;
    });
  }
  return parseRun(text, file);
}

/** Whether a process works on the run in a folder now. */
export function isAtWork(path: string): boolean {
  return FolderLock.isHeld(path);
}

/** For a look before anything is made or opened. @throws RunError when a new run cannot have a folder */
export function checkEmpty(path: string): void {
  if (!existsSync(path)) return;
  const there = onFile('read the folder', path, () => readdirSync(path)).filter((name) => {
    return name !== LOCK_NAME && !isTemporary(name);
  });
  if (there.includes(RUN_FILE)) {
    throw new RunError(`the folder ${path} holds a run already: --resume goes on with it, --out names another`);
  }
  if (there.length > 0) throw new RunError(`the run folder ${path} is not empty; name another with --out`);
}

/** One run's folder, this process's own until {@link close}. */
export class RunFolder {
  readonly files: ReturnType<typeof runFiles>;
  readonly checkpoints: CheckpointFolder;
  readonly metrics: MetricsLog;

  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
  ) {
    this.files = runFiles(path);
    this.checkpoints = new CheckpointFolder(this.files.checkpoints);
    this.metrics = new MetricsLog(this.files.metrics);
  }

  /**
   * Makes the folder of a new run.
   *
   * @throws RunError when there is something in it; LockedError when another process is at it; FileError when it cannot
   *   be written, with no new folder left behind
   */
  static create(path: string, description: RunDescription): RunFolder {
    const made = makeFolder(path);
    let lock: FolderLock | undefined;
    let isOurs = false;
    try {
      lock = FolderLock.acquire(path);
      checkEmpty(path);
      isOurs = true;
      writeRun(path, description);
      return new RunFolder(path, lock);
    } catch (error) {
      if (isOurs) rmSync(join(path, RUN_FILE), { force: true });
      lock?.release();
      if (made) removeEmpty(path);
      throw error;
    }
  }

  /** Takes the folder of a run to go on with. @throws RunError, LockedError, FileError */
  static open(path: string): { folder: RunFolder; description: RunDescription } {
    readRun(path);
    const lock = FolderLock.acquire(path);
    try {
      // Read again, now that nobody else writes it.
      const description = readRun(path);
      const { images } = runFiles(path);
      for (const folder of existsSync(images) ? [path, images] : [path]) removeTemporaries(folder);
      return { folder: new RunFolder(path, lock), description };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** @throws FileError */
  writeRun(description: RunDescription): void {
    writeRun(this.path, description);
  }

  /** Writes a picture into `images/`: `fixed-000500.png`. @returns its path */
  writeImage(kind: string, iteration: number, png: Uint8Array): string {
    makeFolder(this.files.images);
    const path = join(this.files.images, `${kind}-${iteration.toString().padStart(6, '0')}.png`);
    writeAtomically(path, png);
    return path;
  }

  /** @throws FileError */
  writeCurves(png: Uint8Array): void {
    writeAtomically(this.files.curves, png);
  }

  /** Gives the folder back. */
  close(): void {
    this.metrics.close();
    this.lock.release();
  }

  /** Takes back a run that came to nothing: its folder goes, if nobody put anything into it. */
  discard(): void {
    this.metrics.close();
    rmSync(this.files.run, { force: true });
    rmSync(this.files.metrics, { force: true });
    // Last, so that nobody else takes the run while it goes.
    this.lock.release();
    removeEmpty(this.path);
  }
}

function writeRun(path: string, description: RunDescription): void {
  writeAtomically(join(path, RUN_FILE), `${JSON.stringify(description, null, 2)}\n`);
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or gone: nothing of ours.
  }
}
