/**
 * @file Compares methods: one study per method, and one report of all.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NewFolder } from '../files/folders.js';
import { isSegment, SEGMENT_RULE } from '../files/pathSegments.js';
import type { ObjectiveOptions } from '../gan/settings.js';
import { instant } from '../training/run/instants.js';
import {
  checkStudies,
  comparisonToArgv,
  type ComparisonDescription,
  folderName,
  readComparison,
  sharingFolder,
  studyPath,
} from './comparison/comparison.js';
import { type ComparisonFolder, openComparison } from './comparison/comparisonFolder.js';
import type { ComparedStudy, ComparisonResults } from './comparison/comparisonResults.js';
import { reportComparison } from './comparison/reportComparison.js';
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
import { StudyError, type StudySettings } from './plan/studyDescription.js';
import { readStudy, StudyFolder } from './plan/studyFolder.js';
import { chooseImages, StudyImages } from './plan/studyImages.js';
import { checkGiven, checkSettings, checkTrainable, type PlannedRun } from './plan/studyPlan.js';
import { createStudy } from './study.js';

/** A method to compare: a name such as `wgan-gp critic-steps=2`, and what it stands for. */
export interface ComparedMethod {
  readonly name: string;
  /** Settings of its study that differ from the comparison's; undefined for the defaults of `bce`. */
  readonly objective?: StudySettings['objective'];
  /** The settings that its name mentions: an existing study must have them. Default: {@link objective}. */
  readonly requested?: ObjectiveOptions | undefined;
}

/** Options of {@link compare}. */
export interface CompareOptions extends ConductOptions {
  /** The comparison's folder. If it holds a comparison, that one is resumed; its methods must be the given ones. */
  readonly folder: NewFolder;
  readonly methods: readonly ComparedMethod[];
  /** Settings of a new comparison. */
  readonly settings?: ComparisonDescription['settings'];
  readonly data?: ImageOptions;
}

/** Callbacks of {@link compare}. */
export interface CompareCallbacks extends ConductCallbacks {
  /** The comparison's folder is open. */
  opened?(path: string, comparison: ComparisonDescription): void;
  /** The study of a method starts. */
  method?(name: string, index: number, count: number): void;
  /** The report of the comparison is drawn. */
  reporting?(): void;
}

/** Result of {@link compare}. */
export interface CompareResult {
  /** `cancelled`: the callback `confirm` returned false, nothing was created. */
  readonly outcome: 'finished' | 'incomplete' | 'stopped' | 'cancelled';
  readonly path?: string;
  readonly failures: readonly (RunFailure & { readonly method: string })[];
  /** Runs that never started, after two failures in a row or a stop. */
  readonly notStarted: readonly (PlannedRun & { readonly method: string })[];
  /** Absent if stopped or cancelled, or if no run started. */
  readonly results?: ComparisonResults;
}

interface MethodStudy extends OpenStudy {
  readonly method: string;
}

/**
 * Creates a comparison, or resumes the one in a folder. All methods train before any is measured: the device is theirs.
 *
 * @throws StudyError for methods that cannot be compared, for other methods than the folder's, and for changed images;
 *   LockedError, FileError, MnistError
 */
export async function compare(options: CompareOptions, callbacks: CompareCallbacks = {}): Promise<CompareResult> {
  const { folder: place, data = {} } = options;
  const existing = typeof place === 'string' ? readComparison(place) : undefined;
  const comparison = existing ?? (await newComparison(options, callbacks));
  if (comparison === undefined) return { outcome: 'cancelled', failures: [], notStarted: [] };
  const names = options.methods.map(({ name }) => name);
  if (!isDeepStrictEqual(names, comparison.methods)) {
    throw new StudyError(`the comparison is of ${comparison.methods.join(', ')}, not ${names.join(', ')}`);
  }
  const imagesIn = (path: string): StudyImages => {
    return new StudyImages({ path, description: comparison, moved: data.folder }, callbacks.images);
  };
  if (typeof place === 'string') {
    if (existing !== undefined)
      checkGiven(place, 'comparison', existing, { settings: options.settings, kind: data.kind });
    checkStudies(place, comparison);
    if (existing !== undefined && options.onlyReport !== true) await imagesIn(place).check();
  }
  const folder = openComparison(place, comparison, existing);
  const opened: MethodStudy[] = [];
  try {
    callbacks.opened?.(folder.path, comparison);
    return await conduct({ folder, comparison, images: imagesIn(folder.path), opened }, options, callbacks);
  } finally {
    for (const study of opened) study.folder.close();
    folder.close();
  }
}

interface Conducted {
  readonly folder: ComparisonFolder;
  readonly comparison: ComparisonDescription;
  readonly images: StudyImages;
  /** Studies that this process has opened. */
  readonly opened: MethodStudy[];
}

async function conduct(
  { folder, comparison, images, opened }: Conducted,
  options: CompareOptions,
  callbacks: CompareCallbacks,
): Promise<CompareResult> {
  const { path } = folder;
  const { methods } = options;
  const failures: (RunFailure & { readonly method: string })[] = [];
  const notStarted: (PlannedRun & { readonly method: string })[] = [];
  for (const [index, method] of methods.entries()) {
    if (options.onlyReport === true && readStudy(studyPath(path, method.name)) === undefined) continue;
    folder.ensureHeld();
    callbacks.method?.(method.name, index, methods.length);
    const study = openMethod(path, method, { comparison, images, moved: options.data?.folder });
    opened.push(study);
    const runs = await trainRuns(study, options, callbacks);
    failures.push(...runs.failures.map((failure) => ({ ...failure, method: method.name })));
    notStarted.push(...runs.notStarted.map((run) => ({ ...run, method: method.name })));
    if (options.signal?.aborted === true) return { outcome: 'stopped', path, failures, notStarted };
  }
  const outcome = notStarted.length > 0 ? 'incomplete' : 'finished';
  const trained = opened.filter(hasRuns);
  if (trained.length === 0) {
    if (options.onlyReport === true) throw new StudyError(`${path} has no run to report yet`);
    return { outcome, path, failures, notStarted };
  }
  const studies: ComparedStudy[] = [];
  const reporter = await Reporter.open(options, callbacks);
  try {
    for (const study of trained) {
      const results = await reporter.report(study);
      if (results === undefined) return { outcome: 'stopped', path, failures, notStarted };
      studies.push({ method: study.method, results });
    }
  } finally {
    reporter.close();
  }
  callbacks.reporting?.();
  const results = await reportComparison(path, comparison, studies, comparisonToArgv(comparison), folder.ensureHeld);
  return { outcome, path, failures, notStarted, results };
}

async function newComparison(
  { folder, methods, settings, data = {}, onlyReport }: CompareOptions,
  callbacks: CompareCallbacks,
): Promise<ComparisonDescription | undefined> {
  if (settings === undefined || onlyReport === true) {
    throw new StudyError(`${typeof folder === 'string' ? folder : folder.firstFree} holds no comparison`);
  }
  checkFolders(methods.map(({ name }) => name));
  for (const method of methods) checkTrainable(settingsOf(method, settings));
  if ((await callbacks.confirm?.(methods.map((method) => settingsOf(method, settings)))) === false) return undefined;
  return {
    format: 'zdim-gan-lab/comparison/1',
    created: instant(),
    methods: methods.map(({ name }) => name),
    settings,
    dataset: await chooseImages(data, settings, callbacks.images ?? {}),
  };
}

/** The settings of a method's study. */
function settingsOf({ objective }: ComparedMethod, settings: ComparisonDescription['settings']): StudySettings {
  return { ...settings, ...(objective === undefined ? {} : { objective }) };
}

/** Checks that each method has a folder of its own. @throws StudyError */
export function checkFolders(methods: readonly string[]): void {
  for (const method of methods) {
    if (isSegment(folderName(method))) continue;
    throw new StudyError(`the method “${method}” gives no folder name, which takes ${SEGMENT_RULE}`);
  }
  const [one, other] = sharingFolder(methods) ?? [];
  if (one === undefined || other === undefined) return;
  if (one === other) throw new StudyError(`the method “${one}” is given twice`);
  throw new StudyError(
    `the methods “${one}” and “${other}” would share the folder ${folderName(one)}: spell a number of one differently`,
  );
}

/** Creates the study of a method, or opens it. @throws StudyError, LockedError, FileError */
function openMethod(
  path: string,
  method: ComparedMethod,
  { comparison, images, moved }: Pick<Conducted, 'comparison' | 'images'> & { readonly moved: string | undefined },
): MethodStudy {
  const { settings } = comparison;
  const { name, requested = method.objective } = method;
  const folder = studyPath(path, name);
  const existing = readStudy(folder);
  if (existing === undefined) {
    const created = createStudy(folder, settingsOf(method, settings), images.dataset);
    return { method: name, folder: created, images, isNew: true, moved };
  }
  checkSettings(folder, existing.settings, { ...settings, objective: requested });
  return { method: name, folder: StudyFolder.open(folder), images, isNew: false, moved };
}
