/**
 * @file Plans the runs of a study: one for each dimension and seed, with its arguments of `train`.
 */
import { shown } from '../../data/printable.js';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import { DEFAULT_LOSS, type ObjectiveOptions } from '../../gan/settings.js';
import {
  differingSetting,
  isSameObjective,
  ObjectiveError,
  objectiveOf,
  objectiveToArgv,
} from '../../gan/objective.js';
import { findPreset, type PresetSizes } from '../../training/run/presets.js';
import type { RunArguments } from '../../training/run/runDescription.js';
import { COMMON_SETTINGS, CommonSettings, type RequestedSettings } from '../../training/run/runSettings.js';
import { toArgv } from '../../training/run/toArgv.js';
import { Seed, StudyError, type StudyDataset, StudySettings } from './studyDescription.js';

/** Dimensions of the article. */
export const Z_DIMS = [100, 50, 10, 2, 1] as const;

/** Number of samples that measure a finished run, as in the article. */
export const SAMPLES = 10_000;

/** Number of checkpoints to keep of a run: one may be damaged. */
const KEEP = 2;

/** What all runs have in common, without the source of the sizes. */
const SIZES = COMMON_SETTINGS.filter(({ name }) => name !== 'preset');

/** A run of a study. */
export interface PlannedRun {
  /** Name of its folder and its measurement: `z100-seed1`. */
  readonly name: string;
  readonly zDim: number;
  readonly seed: string;
}

/** Names of seeds: "1", "2", … */
export function seedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index + 1).toString());
}

/**
 * Plans the runs in training order: all dimensions with one seed before the next seed.
 *
 * @throws StudyError for a seed that is invalid in a folder's name
 */
export function planRuns({ zDims, seeds }: Pick<StudySettings, 'zDims' | 'seeds'>): PlannedRun[] {
  for (const seed of seeds) {
    const issue = Seed.safeParse(seed).error?.issues[0];
    if (issue !== undefined) throw new StudyError(`the seed ${shown(seed)}: ${issue.message}`);
  }
  return seeds.flatMap((seed) => zDims.map((zDim) => ({ name: `z${zDim}-seed${seed}`, zDim, seed })));
}

/** The settings of a study's run. */
export function runArguments(settings: StudySettings, { zDim, seed }: PlannedRun): RunArguments {
  const { objective, sampleEvery } = settings;
  return {
    ...CommonSettings.parse(settings),
    ...(objective === undefined ? {} : { objective }),
    zDim,
    checkpointEvery: sampleEvery,
    keep: KEEP,
    seed,
  };
}

/** The arguments of `train` that create a run in the folder `out`. */
export function trainArguments(
  settings: StudySettings,
  run: PlannedRun,
  dataset: Pick<StudyDataset, 'kind' | 'folder'>,
  out: string,
): string[] {
  return toArgv(runArguments(settings, run), dataset, out);
}

/** @throws StudyError if a run differs from the study's settings; `path` is the run's folder */
export function checkArguments(path: string, found: RunArguments, wanted: RunArguments): void {
  for (const name of [...SIZES.map((size) => size.name), 'zDim', 'seed'] as const) {
    if (found[name] !== wanted[name]) throw otherSettings(path, name, found[name], wanted[name]);
  }
  if (isSameObjective(ARCHITECTURES[wanted.architecture], found.objective, wanted.objective)) return;
  const [before, now] = [found, wanted].map(({ objective }) => objectiveToArgv(objective ?? USUAL).join(' '));
  throw otherSettings(path, 'objective', before ?? '', now ?? '');
}

function otherSettings(path: string, name: string, found: string | number, wanted: string | number): StudyError {
  const difference = `its ${name} is ${found}, the study's is ${wanted}`;
  return new StudyError(`${path} is a run of other settings: ${difference}; move it away to train it again`);
}

/** The objective of a description without one. */
const USUAL: ObjectiveOptions = { loss: DEFAULT_LOSS };

/** Each setting's flag, for messages. */
const FLAGS: Readonly<Record<string, string>> = {
  zDims: '--z',
  seeds: '--seeds',
  ...Object.fromEntries(SIZES.map(({ name, flagName }) => [name, flagName])),
  samples: '--samples',
  checkpoint: '--checkpoint',
};

/** Settings requested by flags: any part of a study's settings. */
export type RequestedStudySettings = RequestedSettings<Omit<StudySettings, 'objective'>> & {
  readonly objective?: ObjectiveOptions | undefined;
};

/** @throws StudyError naming the first requested setting that differs from those a study or comparison was created with */
export function checkSettings(
  path: string,
  created: StudySettings,
  requested: RequestedStudySettings,
  what = 'study',
): void {
  const other = (flag: string, before: string | undefined, now: string): StudyError => {
    const difference = before === undefined ? `without ${flag}, not with` : `with ${flag} ${before}, not`;
    // A flag without a value.
    return new StudyError(
      `${path} is a ${what} ${difference} ${now === '' ? 'it' : now}: without ${flag} it resumes, --out names another folder`,
    );
  };
  for (const [name, flag] of Object.entries(FLAGS)) {
    const [before, now] = [valueOf(created, name), valueOf(requested, name)];
    if (now !== undefined && now !== before) throw other(flag, before, now);
  }
  const found = differingSetting(ARCHITECTURES[created.architecture], created.objective, requested.objective);
  if (found !== undefined) throw other(found.flag, found.before, found.now);
}

/** What a caller gives for a folder that already holds a study or comparison. */
export interface GivenAgain {
  /** All settings. */
  readonly settings?: StudySettings | undefined;
  readonly kind?: string | undefined;
}

/** @throws StudyError if the given settings or images differ from those that a folder was created with */
export function checkGiven(
  path: string,
  what: 'study' | 'comparison',
  { settings: created, dataset }: { readonly settings: StudySettings; readonly dataset: Pick<StudyDataset, 'kind'> },
  { settings, kind }: GivenAgain,
): void {
  if (settings !== undefined) {
    checkSettings(path, created, settings, what);
    const [before, now] = [created, settings].map(({ objective }) => objectiveToArgv(objective ?? USUAL).join(' '));
    if (!isSameObjective(ARCHITECTURES[created.architecture], created.objective, settings.objective)) {
      throw new StudyError(`${path} is a ${what} with ${before ?? ''}, not ${now ?? ''}`);
    }
    if (created.seeds.join() !== settings.seeds.join()) {
      throw new StudyError(`${path} is a ${what} of the seeds ${created.seeds.join()}, not ${settings.seeds.join()}`);
    }
  }
  if (kind !== undefined && kind !== 'auto' && kind !== dataset.kind) {
    throw new StudyError(`${path} is a ${what} on --data ${dataset.kind}, not ${kind}`);
  }
}

/** Checks the settings of a new study. @throws StudyError for a value that is out of bounds, or settings that contradict each other */
export function checkTrainable(settings: StudySettings): void {
  const issue = StudySettings.safeParse(settings).error?.issues[0];
  if (issue !== undefined) throw new StudyError(`settings.${issue.path.join('.')}: ${issue.message}`);
  const { architecture, objective, batch, checkpoint, keepBest } = settings;
  if (checkpoint === 'best' && keepBest === 'none') {
    throw new StudyError('--checkpoint best: without --keep-best, the runs keep no best checkpoint');
  }
  try {
    const { schedule } = objectiveOf(ARCHITECTURES[architecture], objective ?? {}, batch);
    if (schedule !== 'splitBatch' || batch % 2 === 0) return;
  } catch (cause) {
    throw cause instanceof ObjectiveError ? new StudyError(cause.message, { cause }) : cause;
  }
  throw new StudyError(`--batch ${batch}: --arch ${architecture} trains on two halves of a batch`);
}

/** The value of a setting's flag; of the seeds, their number. */
function valueOf(settings: RequestedStudySettings, name: string): string | undefined {
  const found = new Map<string, unknown>(Object.entries(settings)).get(name);
  if (Array.isArray(found)) return name === 'seeds' ? found.length.toString() : found.join(',');
  return typeof found === 'string' || typeof found === 'number' ? found.toString() : undefined;
}

/** The arguments of `study` that repeat a study, without the folder of its images. */
export function studyToArgv(settings: StudySettings, { kind }: Pick<StudyDataset, 'kind'>): string[] {
  const objective = objectiveToArgv(settings.objective);
  return ['study', ...settingsToArgv(settings), ...objective, ...presetToArgv(settings), '--data', kind];
}

/** The flag of the preset. An unknown preset has none: the other flags name all settings. */
export function presetToArgv({ preset }: Pick<StudySettings, 'preset'>): string[] {
  return findPreset(preset) === undefined ? [] : ['--preset', preset];
}

/** The flags of the settings that differ from the preset's current values. */
export function settingsToArgv(settings: Omit<StudySettings, 'objective'>): string[] {
  const preset: Partial<PresetSizes> = findPreset(settings.preset) ?? {};
  const usual = new Map<string, string | number>(
    Object.entries({ samples: SAMPLES, checkpoint: 'newest', keepBest: 'none', ...preset }),
  );
  return Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = valueOf(settings, name);
    // Always named: a study is about its dimensions.
    const isNamed = name === 'zDims' || value !== usual.get(name)?.toString();
    return value === undefined || !isNamed ? [] : [flag, value];
  });
}
