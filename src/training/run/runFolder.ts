/**
 * @file The folder that a run writes: `run.json`, `metrics.jsonl`, `images/`, `curves.png` and `checkpoints/`.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceAtomically } from '../../files/atomic.js';
import { makeFolderWithin, type NewFolder, removeEmpty } from '../../files/folders.js';
import { FolderLock } from '../../files/lock.js';
import { CheckpointFolder } from '../checkpoint/checkpoints.js';
import {
  checkUnused,
  createFolder,
  type FolderKind,
  openFolder,
  readDescription,
  writeDescription,
} from './describedFolder.js';
import { DiagnosisLog } from './diagnosisLog.js';
import { MetricsLog } from './metricsLog.js';
import { parseRun, type RunDescription } from './runDescription.js';

const RUN_FILE = 'run.json';
const RUN: FolderKind<RunDescription> = { what: 'run', file: RUN_FILE, parse: parseRun };
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
  return readDescription(RUN, path);
}

/** Whether a process works on the run in a folder now. */
export function isAtWork(path: string): boolean {
  return FolderLock.isHeld(path);
}

/** For a look before anything is made or opened. @throws RunError when a new run cannot have a folder */
export function checkEmpty(path: string): void {
  checkUnused(RUN, path);
}

/** One run's folder, this process's own until {@link close}. */
export class RunFolder {
  readonly files: ReturnType<typeof runFiles>;
  readonly checkpoints: CheckpointFolder;
  readonly metrics: MetricsLog;
  private lookLog: DiagnosisLog | undefined;

  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
  ) {
    this.files = runFiles(path);
    this.checkpoints = new CheckpointFolder(this.files.checkpoints, lock.ensureHeld);
    this.metrics = new MetricsLog(this.files.metrics, lock.ensureHeld);
  }

  /**
   * Makes the folder of a new run.
   *
   * @throws RunError when there is something in it; LockedError when another process is at it; FileError when it cannot
   *   be written, with no new folder left behind
   */
  static create(place: NewFolder, description: RunDescription): RunFolder {
    return createFolder(RUN, place, description, (path, lock) => new RunFolder(path, lock));
  }

  /** Takes the folder of a run to go on with. @throws RunError, LockedError, FileError */
  static open(path: string): { folder: RunFolder; description: RunDescription } {
    const { images, checkpoints } = runFiles(path);
    return openFolder(RUN, path, [images, checkpoints], (lock) => new RunFolder(path, lock));
  }

  /** @throws FileError, FolderLostError */
  writeRun(description: RunDescription): void {
    this.lock.ensureHeld();
    writeDescription(RUN, this.path, description);
  }

  /** Writes a picture into `images/`: `fixed-000500.png`. @returns its path @throws FileError, FolderLostError */
  writeImage(kind: string, iteration: number, png: Uint8Array): string {
    this.lock.ensureHeld();
    makeFolderWithin(this.files.images);
    const path = join(this.files.images, `${kind}-${iteration.toString().padStart(6, '0')}.png`);
    replaceAtomically(path, png);
    return path;
  }

  /** @throws FileError, FolderLostError */
  writeCurves(png: Uint8Array): void {
    this.lock.ensureHeld();
    replaceAtomically(this.files.curves, png);
  }

  /** The looks at the run; the file is made when it is first asked for. @throws FileError, FolderLostError */
  get diagnoses(): DiagnosisLog {
    this.lookLog ??= new DiagnosisLog(this.files.diagnoses, this.lock.ensureHeld);
    return this.lookLog;
  }

  /** Gives the folder back. */
  close(): void {
    this.metrics.close();
    this.lookLog?.close();
    this.lock.release();
  }

  /** Takes back a run that came to nothing: its folder goes, if nobody put anything into it. */
  discard(): void {
    this.metrics.close();
    this.lookLog?.close();
    if (this.lock.isOwn) {
      rmSync(this.files.run, { force: true });
      rmSync(this.files.diagnoses, { force: true });
      rmSync(this.files.metrics, { force: true });
    }
    // Last, so that nobody else takes the run while it goes.
    this.lock.release();
    removeEmpty(this.path);
  }
}
