/**
 * @file Runs a study: one GAN per dimension of z and seed, trained, measured and reported.
 */
import type { NewFolder } from '../files/folders.js';
import { instant } from '../training/run/instants.js';
import {
  type ConductCallbacks,
  type ConductOptions,
  hasRuns,
  type ImageOptions,
  type OpenStudy,
  Reporter,
  type RunFailure,
  trainRuns,
} from './conduct.js';
import type { Results } from './measure/results.js';
import { STUDY_FORMAT, type StudyDataset, StudyError, type StudySettings } from './plan/studyDescription.js';
import { readStudy, StudyFolder } from './plan/studyFolder.js';
import { chooseImages, StudyImages } from './plan/studyImages.js';
import { checkGiven, checkTrainable, type PlannedRun } from './plan/studyPlan.js';

/** Options of {@link study}. */
export interface StudyOptions extends ConductOptions {
  /** The study's folder. If it holds a study, that one is resumed. */
  readonly folder: NewFolder;
  /** Settings of a new study. */
  readonly settings?: StudySettings;
  readonly data?: ImageOptions;
}

/** Callbacks of {@link study}. */
export interface StudyCallbacks extends ConductCallbacks {
  /** The study's folder is open. */
  opened?(folder: StudyFolder, isNew: boolean): void;
}

/** Result of {@link study}. */
export interface StudyResult {
  /** `cancelled`: the callback `confirm` returned false, nothing was created. `incomplete`: runs never started. */
  readonly outcome: 'finished' | 'incomplete' | 'stopped' | 'cancelled';
  readonly path?: string;
  readonly failures: readonly RunFailure[];
  /** Runs that never started, after two failures in a row or a stop. */
  readonly notStarted: readonly PlannedRun[];
  /** Absent if stopped or cancelled, or if no run started. */
  readonly results?: Results;
}

/**
 * Creates a study, or resumes the one in a folder: trains, measures and reports what is missing. Each run is a process of its
 * own, of this package's command line.
 *
 * @throws StudyError for a folder without a study if no settings are given, settings that differ from the folder's study or that
 *   cannot be trained, and changed images; LockedError,
 *   FileError, MnistError
 */
export async function study(options: StudyOptions, callbacks: StudyCallbacks = {}): Promise<StudyResult> {
  const opened = await openStudy(options, callbacks);
  if (opened === undefined) return { outcome: 'cancelled', failures: [], notStarted: [] };
  const { path } = opened.folder;
  const isStopped = (): boolean => options.signal?.aborted === true;
  try {
    callbacks.opened?.(opened.folder, opened.isNew);
    const trained = await trainRuns(opened, options, callbacks);
    const outcome = trained.notStarted.length > 0 ? 'incomplete' : 'finished';
    if (isStopped()) return { outcome: 'stopped', path, ...trained };
    if (trained.failures.length > 0 && !hasRuns(opened)) return { outcome, path, ...trained };
    const reporter = await Reporter.open(options, callbacks);
    try {
      const results = await reporter.report(opened);
      if (results === undefined) return { outcome: 'stopped', path, ...trained };
      return { outcome, path, ...trained, results };
    } finally {
      reporter.close();
    }
  } finally {
    opened.folder.close();
  }
}

async function openStudy(options: StudyOptions, callbacks: StudyCallbacks): Promise<OpenStudy | undefined> {
  const { folder: place, data = {}, settings } = options;
  const existing = typeof place === 'string' ? readStudy(place) : undefined;
  if (typeof place === 'string' && (existing !== undefined || settings === undefined || options.onlyReport === true)) {
    if (existing !== undefined) checkGiven(place, 'study', existing, { settings, kind: data.kind });
    return withImages(StudyFolder.open(place), { isNew: false, moved: data.folder }, callbacks);
  }
  if (options.onlyReport === true) throw new StudyError('a report needs the folder of an existing study');
  if (settings === undefined) throw new StudyError('a new study needs settings');
  checkTrainable(settings);
  if ((await callbacks.confirm?.([settings])) === false) return undefined;
  const dataset = await chooseImages(data, settings, callbacks.images ?? {});
  return withImages(createStudy(place, settings, dataset), { isNew: true, moved: data.folder }, callbacks);
}

function withImages(
  folder: StudyFolder,
  { isNew, moved }: Pick<OpenStudy, 'isNew' | 'moved'>,
  { images }: StudyCallbacks,
): OpenStudy {
  const { path, description } = folder;
  return { folder, images: new StudyImages({ path, description, moved }, images), isNew, moved };
}

/** Creates the folder of a new study. @throws StudyError, LockedError, FileError */
export function createStudy(place: NewFolder, settings: StudySettings, dataset: StudyDataset): StudyFolder {
  return StudyFolder.create(place, { format: STUDY_FORMAT, created: instant(), settings, dataset });
}
