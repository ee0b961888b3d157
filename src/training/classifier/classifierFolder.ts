/**
 * @file The folder that a classifier's training writes: `classifier.json`, `metrics.jsonl`, `checkpoints/`, and at the
 * end `classifier.safetensors`, `evaluation.json` and `confusion.png`.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceAtomically } from '../../files/atomic.js';
import { type NewFolder, removeEmpty } from '../../files/folders.js';
import { parseRecord } from '../../files/json.js';
import type { FolderLock } from '../../files/lock.js';
import { CheckpointFolder } from '../checkpoint/checkpoints.js';
import {
  type ClassifierDescription,
  ClassifierMetricsLine,
  type ClassifierMetricsRow,
  type EvaluationDescription,
  parseClassifierRun,
} from './classifierDescription.js';
import type { ClassifierMetrics } from './classifierTraining.js';
import {
  checkUnused,
  createFolder,
  type FolderKind,
  openFolder,
  readDescription,
  writeDescription,
} from '../run/describedFolder.js';
import { IterationMetrics, readRows } from '../run/iterationLog.js';

const DESCRIPTION_FILE = 'classifier.json';
const CLASSIFIER: FolderKind<ClassifierDescription> = {
  what: 'classifier',
  file: DESCRIPTION_FILE,
  parse: parseClassifierRun,
};

/** Where a training's files are. */
export function classifierFiles(path: string) {
  return {
    description: join(path, DESCRIPTION_FILE),
    metrics: join(path, 'metrics.jsonl'),
    checkpoints: join(path, 'checkpoints'),
    weights: join(path, 'classifier.safetensors'),
    evaluation: join(path, 'evaluation.json'),
    confusion: join(path, 'confusion.png'),
  };
}

/** Reads `classifier.json`. @throws RunError when the folder is no classifier's, or the file is damaged */
export function readClassifierRun(path: string): ClassifierDescription {
  return readDescription(CLASSIFIER, path);
}

/** For a look before anything is made or opened. @throws RunError when a new training cannot have a folder */
export function checkNoClassifier(path: string): void {
  checkUnused(CLASSIFIER, path);
}

/** The losses of a training, see {@link readRows}. @throws FileError */
export function readClassifierMetrics(path: string): ClassifierMetricsRow[] {
  return readRows(path, parseLine);
}

/** One training's folder, this process's own until {@link close}. */
export class ClassifierFolder {
  readonly files: ReturnType<typeof classifierFiles>;
  readonly checkpoints: CheckpointFolder;
  readonly metrics: IterationMetrics<ClassifierMetrics>;

  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
  ) {
    this.files = classifierFiles(path);
    this.checkpoints = new CheckpointFolder(this.files.checkpoints, lock.ensureHeld);
    this.metrics = new IterationMetrics(this.files.metrics, parseLine, lock.ensureHeld);
  }

  /**
   * Makes the folder of a new training.
   *
   * @throws RunError when there is something in it; LockedError when another process is at it; FileError when it cannot
   *   be written, with no new folder left behind
   */
  static create(place: NewFolder, description: ClassifierDescription): ClassifierFolder {
    return createFolder(CLASSIFIER, place, description, (path, lock) => new ClassifierFolder(path, lock));
  }

  /** Takes the folder of a training to go on with. @throws RunError, LockedError, FileError */
  static open(path: string): { folder: ClassifierFolder; description: ClassifierDescription } {
    return openFolder(
      CLASSIFIER,
      path,
      [classifierFiles(path).checkpoints],
      (lock) => new ClassifierFolder(path, lock),
    );
  }

  /** @throws FileError, FolderLostError */
  writeDescription(description: ClassifierDescription): void {
    this.lock.ensureHeld();
    writeDescription(CLASSIFIER, this.path, description);
  }

  /** Writes one of {@link files}. @throws FileError, FolderLostError */
  write(kind: 'weights' | 'confusion', bytes: Uint8Array): void {
    this.lock.ensureHeld();
    replaceAtomically(this.files[kind], bytes);
  }

  /** @throws FileError, FolderLostError */
  writeEvaluation(evaluation: EvaluationDescription): void {
    this.lock.ensureHeld();
    // Lists of numbers take one line each.
    const text = JSON.stringify(evaluation, null, 2).replace(/\[[\s\d.,]+\]/g, (list) => {
      return `[${list.slice(1, -1).trim().replace(/\s+/g, ' ')}]`;
    });
    replaceAtomically(this.files.evaluation, `${text}\n`);
  }

  /** Gives the folder back. */
  close(): void {
    this.metrics.close();
    this.lock.release();
  }

  /** Takes back a training that came to nothing: its folder goes, if nobody put anything into it. */
  discard(): void {
    this.metrics.close();
    if (this.lock.isOwn) {
      rmSync(this.files.description, { force: true });
      rmSync(this.files.metrics, { force: true });
    }
    // Last, so that nobody else takes the folder while it goes.
    this.lock.release();
    removeEmpty(this.path);
  }
}

function parseLine(line: string): ClassifierMetricsRow | undefined {
  return ClassifierMetricsLine.safeParse(parseRecord(line)).data;
}
