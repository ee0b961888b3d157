/**
 * @file The folder that a study writes: `study.json`, `runs/`, `measurements/`, `figures/`, `results.json` and
 * `report.html`.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { NewFolder } from '../../files/folders.js';
import { joinSegment } from '../../files/pathSegments.js';
import type { RunDescription } from '../../training/run/runDescription.js';
import { type FolderKind, readIfPresent, RunFolder } from '../../training/run/runFolder.js';
import { type RunState, runStateOf } from '../runner/runState.js';
import { imagesHash, STUDY_FORMAT, StudyDescription, StudyError } from './studyDescription.js';
import { checkArguments, type PlannedRun, planRuns, runArguments } from './studyPlan.js';

/** The folder of a study. */
export const STUDY: FolderKind<StudyDescription> = {
  name: 'study',
  file: 'study.json',
  format: STUDY_FORMAT,
  schema: StudyDescription,
  error: StudyError,
  folders: ['measurements', 'figures'],
};

/** Paths of a study's files. */
export function studyFiles(path: string) {
  return {
    study: join(path, STUDY.file),
    runs: join(path, 'runs'),
    measurements: join(path, 'measurements'),
    figures: join(path, 'figures'),
    results: join(path, 'results.json'),
    report: join(path, 'report.html'),
  };
}

/** Reads `study.json`; undefined if the folder has none. @throws StudyError if it is damaged or older; FileError */
export function readStudy(path: string): StudyDescription | undefined {
  return readIfPresent(STUDY, path);
}

/** A study's folder, which this process writes until {@link close}. */
export class StudyFolder {
  readonly files: ReturnType<typeof studyFiles>;
  readonly runs: readonly PlannedRun[];

  private constructor(private readonly folder: RunFolder<StudyDescription>) {
    this.files = studyFiles(folder.path);
    this.runs = planRuns(folder.description.settings);
  }

  /** Creates the folder of a study. @throws StudyError if it is not empty; LockedError, FileError */
  static create(place: NewFolder, description: StudyDescription): StudyFolder {
    planRuns(description.settings);
    return new StudyFolder(RunFolder.create(STUDY, place, description));
  }

  /** Opens the folder of a study for writing. @throws StudyError, LockedError, FileError */
  static open(path: string): StudyFolder {
    return new StudyFolder(RunFolder.open(STUDY, path));
  }

  get path(): string {
    return this.folder.path;
  }

  get description(): StudyDescription {
    return this.folder.description;
  }

  /** The folder of a run. @throws FileError for a name that is no segment of a path */
  runPath({ name }: PlannedRun): string {
    return joinSegment(this.files.runs, name);
  }

  /**
   * Reads the state of a run.
   *
   * @throws RunError if its run.json is damaged or older; StudyError if its settings or images are not the study's
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

  /** Called before each write. @throws FolderLostError if the folder is not this process's any more */
  ensureHeld(): void {
    this.folder.ensureHeld();
  }

  /** Checks the folders of all runs, before hours of training. @throws RunError, StudyError */
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

  /** Writes a file of the study completely or not at all. @throws FileError, FolderLostError */
  write(path: string, content: string | Uint8Array | object): void {
    this.folder.write(relative(this.path, path), content);
  }

  /** Removes figures of an earlier report that the current one does not have. */
  keepFigures(names: ReadonlySet<string>): void {
    const { figures } = this.files;
    // A link may lead to files of others.
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
    this.folder.close();
  }
}
