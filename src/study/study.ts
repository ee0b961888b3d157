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
  /** `cancelled`: the callback `confirm` returned false, nothing was created. */
  readonly outcome: 'finished' | 'stopped' | 'cancelled';
  readonly path?: string;
  readonly failures: readonly RunFailure[];
  /** Absent if stopped or cancelled, or if no run started. */
  readonly results?: Results;
}

/**
 * Creates a study, or resumes the one in a folder: trains, measures and reports what is missing. Each run is a process of its
 * own, of this package's command line.
 *
 * @throws StudyError for a folder without a study if no settings are given, and for changed images; LockedError,
 *   FileError, MnistError
 */
export async function study(options: StudyOptions, callbacks: StudyCallbacks = {}): Promise<StudyResult> {
  const opened = await openStudy(options, callbacks);
  if (opened === undefined) return { outcome: 'cancelled', failures: [] };
  const { path } = opened.folder;
  const isStopped = (): boolean => options.signal?.aborted === true;
  try {
    callbacks.opened?.(opened.folder, opened.isNew);
    const failures = await trainRuns(opened, options, callbacks);
    if (isStopped()) return { outcome: 'stopped', path, failures };
    if (failures.length > 0 && !hasRuns(opened)) return { outcome: 'finished', path, failures };
    const reporter = await Reporter.open(options, callbacks);
    try {
      const results = await reporter.report(opened);
      if (results === undefined) return { outcome: 'stopped', path, failures };
      return { outcome: 'finished', path, failures, results };
    } finally {
      reporter.close();
    }
  } finally {
    opened.folder.close();
  }
}

async function openStudy(options: StudyOptions, callbacks: StudyCallbacks): Promise<OpenStudy | undefined> {
  const { folder: place, data = {}, settings } = options;
  if (typeof place === 'string' && (readStudy(place) !== undefined || settings === undefined)) {
    return withImages(StudyFolder.open(place), { isNew: false, moved: data.folder }, callbacks);
  }
  if (settings === undefined) throw new StudyError('a new study needs settings');
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
