/**
 * @file The folder that a study writes: `study.json`, `runs/`, `measurements/`, `figures/`, `results.json` and
 * `report.html`.
 */
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isTemporary, removeTemporaries, replaceAtomically } from '../../files/atomic.js';
import { parseDescribed } from '../../files/describedJson.js';
import { onFile } from '../../files/errors.js';
import { checkNotLink, makeFolderWithin, makeNewFolder, type NewFolder, removeEmpty } from '../../files/folders.js';
import { FolderLock, LOCK_NAME } from '../../files/lock.js';
import { joinSegment } from '../../files/pathSegments.js';
import { MOST_BYTES, readTextIfThere } from '../../files/regularFiles.js';
import { imagesHash, StudyDescription, StudyError } from './studyDescription.js';
import type { RunDescription } from '../../training/run/runDescription.js';
import { checkArguments, type PlannedRun, planRuns, runArguments } from './studyPlan.js';
import { type RunState, runStateOf } from '../runner/runState.js';

/** Where a study's files are. */
export function studyFiles(path: string) {
  return {
    study: join(path, 'study.json'),
    runs: join(path, 'runs'),
    measurements: join(path, 'measurements'),
    figures: join(path, 'figures'),
    results: join(path, 'results.json'),
    report: join(path, 'report.html'),
  };
}

/**
 * Reads `study.json`.
 *
 * @returns undefined where the folder has none
 * @throws StudyError when it is damaged; FileError
 */
export function readStudy(path: string): StudyDescription | undefined {
  const file = studyFiles(path).study;
  const text = readTextIfThere(file, MOST_BYTES.json);
  if (text === undefined) return undefined;
  const read = parseDescribed(StudyDescription, text, 'study of this program');
  if ('value' in read) return read.value;
  throw new StudyError(`${file} ${read.problem}`, { cause: read.cause });
}

/** A study's folder, this process's own until {@link close}. */
export class StudyFolder {
  readonly files: ReturnType<typeof studyFiles>;
  readonly runs: readonly PlannedRun[];

  private constructor(
    readonly path: string,
    readonly description: StudyDescription,
    private readonly lock: FolderLock,
  ) {
    this.files = studyFiles(path);
    this.runs = planRuns(description.settings);
  }

  /**
   * Makes the folder of a new study.
   *
   * @throws StudyError when there is something in it; LockedError when another process is at it; FileError
   */
  static create(place: NewFolder, description: StudyDescription): StudyFolder {
    planRuns(description.settings);
    const { path, made } = makeNewFolder(place);
    let lock: FolderLock | undefined;
    try {
      lock = FolderLock.acquire(path);
      checkEmpty(path);
      removeTemporaries(path);
      replaceAtomically(studyFiles(path).study, asText(description));
      return new StudyFolder(path, description, lock);
    } catch (error) {
      lock?.release();
      if (made) removeEmpty(path);
      throw error;
    }
  }

  /** Takes the folder of a study to go on with. @throws StudyError, LockedError, FileError */
  static open(path: string): StudyFolder {
    if (!existsSync(studyFiles(path).study)) {
      throw new StudyError(`${path} is no study: there is no ${studyFiles(path).study}`);
    }
    const lock = FolderLock.acquire(path);
    try {
      const description = readStudy(path);
      if (description === undefined) throw new StudyError(`${studyFiles(path).study} has gone`);
      const { measurements, figures } = studyFiles(path);
      for (const folder of [measurements, figures]) checkNotLink(folder);
      for (const folder of [path, measurements, figures]) removeTemporaries(folder);
      return new StudyFolder(path, description, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The folder of a run. @throws FileError for a name that is no segment of a path */
  runPath({ name }: PlannedRun): string {
    return joinSegment(this.files.runs, name);
  }

  /**
   * What became of a run.
   *
   * @throws RunError when its run.json is damaged; StudyError when it has other settings or images than the study
   */
  stateOf(run: PlannedRun): RunState {
    const path = this.runPath(run);
    const state = runStateOf(path);
    if (state.description !== undefined) {
      checkArguments(path, state.description.arguments, runArguments(this.description.settings, run));
      this.checkImages(path, run, state.description.dataset);
    }
    return state;
  }

  /** To be called before each write, here or by a run. @throws FolderLostError when the folder is another's, or gone */
  ensureHeld(): void {
    this.lock.ensureHeld();
  }

  /** Whatever is wrong with a run's folder shows before hours go by. @throws RunError, StudyError */
  checkRuns(): void {
    for (const run of this.runs) this.stateOf(run);
  }

  private checkImages(path: string, { seed }: PlannedRun, { name, sha256 }: RunDescription['dataset']): void {
    const wanted = imagesHash(this.description, seed);
    if (wanted === undefined || sha256 === wanted) return;
    throw new StudyError(
      `${path} was trained on other images (${name}, SHA-256 ${sha256}) than the study's ` +
        `(${this.description.dataset.name}, SHA-256 ${wanted}); move it away to train it anew`,
    );
  }

  /** Writes a file of the study, whole or not at all. @throws FileError, FolderLostError */
  write(path: string, content: string | Uint8Array | object): void {
    this.ensureHeld();
    const parent = dirname(path);
    if (parent !== dirname(this.files.study)) makeFolderWithin(parent);
    replaceAtomically(path, typeof content === 'string' || content instanceof Uint8Array ? content : asText(content));
  }

  /** Removes figures of an earlier report that this one has not drawn. */
  keepFigures(names: ReadonlySet<string>): void {
    const { figures } = this.files;
    // A link may lead anywhere, and what is there is not ours to remove.
    if (lstatSync(figures, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    for (const entry of readdirSync(figures, { withFileTypes: true })) {
      const isOld = /\.(?:png|svg)$/.test(entry.name) && !names.has(entry.name);
      if (!isOld || entry.isDirectory()) continue;
      this.ensureHeld();
      rmSync(join(figures, entry.name));
    }
  }

  /** Gives the folder back. */
  close(): void {
    this.lock.release();
  }
}

function checkEmpty(path: string): void {
  const there = onFile('read the folder', path, () => readdirSync(path)).filter((name) => {
    return name !== LOCK_NAME && !isTemporary(name);
  });
  if (there.length > 0) {
    throw new StudyError(`the folder ${path} holds ${basename(there[0]!)}, and no study; name another with --out`);
  }
}

function asText(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
