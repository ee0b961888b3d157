/**
 * @file What a study trains: presets, the run of each dimension and seed, and the arguments that `train` gets for it.
 */
import { shown } from '../../data/printable.js';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import type { ObjectiveOptions } from '../../gan/settings.js';
import { differingSetting, isSameObjective, objectiveToArgv } from '../../gan/objective.js';
import { findPreset, type PresetSizes } from '../../training/run/presets.js';
import type { RunArguments } from '../../training/run/runDescription.js';
import { COMMON_SETTINGS, CommonSettings, type RequestedSettings } from '../../training/run/runSettings.js';
import { toArgv } from '../../training/run/toArgv.js';
import { Seed, StudyError, type StudyDataset, type StudySettings } from './studyDescription.js';

/** The article's. */
export const Z_DIMS = [100, 50, 10, 2, 1] as const;

/** The article's, too: images that a finished run is measured by. */
export const SAMPLES = 10_000;

/** Checkpoints that stay of a run: one may be damaged. */
const KEEP = 2;

/** What all runs have in common, without the source of the sizes. */
const SIZES = COMMON_SETTINGS.filter(({ name }) => name !== 'preset');

/** A run of a study. */
export interface PlannedRun {
  /** Of its folder and its measurement: `z100-seed1`. */
  readonly name: string;
  readonly zDim: number;
  readonly seed: string;
}

/** Names of seeds: "1", "2", … */
export function seedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index + 1).toString());
}

/**
 * The runs in the order in which they are trained: all dimensions with one seed before the next seed.
 *
 * @throws StudyError for a seed that cannot be part of a folder's name
 */
export function planRuns({ zDims, seeds }: Pick<StudySettings, 'zDims' | 'seeds'>): PlannedRun[] {
  for (const seed of seeds) {
    const issue = Seed.safeParse(seed).error?.issues[0];
    if (issue !== undefined) throw new StudyError(`the seed ${shown(seed)}: ${issue.message}`);
  }
  return seeds.flatMap((seed) => zDims.map((zDim) => ({ name: `z${zDim}-seed${seed}`, zDim, seed })));
}

/** What the run of a study is told to be. */
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

/** The arguments of `train` that begin a run in the folder `out`. */
export function trainArguments(
  settings: StudySettings,
  run: PlannedRun,
  dataset: Pick<StudyDataset, 'kind' | 'folder'>,
  out: string,
): string[] {
  return toArgv(runArguments(settings, run), dataset, out);
}

/** @throws StudyError where a run's arguments are not those that the study gives it; `path` is the run's folder */
export function checkArguments(path: string, found: RunArguments, wanted: RunArguments): void {
  for (const name of [...SIZES.map((size) => size.name), 'zDim', 'seed'] as const) {
    if (found[name] !== wanted[name]) throw otherSettings(path, name, found[name], wanted[name]);
  }
  if (isSameObjective(ARCHITECTURES[wanted.architecture], found.objective, wanted.objective)) return;
  const [told, toTell] = [found, wanted].map(({ objective }) => objectiveToArgv(objective ?? USUAL).join(' '));
  throw otherSettings(path, 'objective', told ?? '', toTell ?? '');
}

function otherSettings(path: string, name: string, found: string | number, wanted: string | number): StudyError {
  const told = `its ${name} is ${found}, the study's is ${wanted}`;
  return new StudyError(`${path} is a run of other settings: ${told}; move it away to train it anew`);
}

/** What a description that tells no objective stands for. */
const USUAL: ObjectiveOptions = { loss: 'bce' };

/** Each setting's flag, for messages. */
const FLAGS: Readonly<Record<string, string>> = {
  zDims: '--z',
  seeds: '--seeds',
  ...Object.fromEntries(SIZES.map(({ name, flagName }) => [name, flagName])),
  samples: '--samples',
};

/** What is said of a study's settings, which may be a part of them. */
export type AskedSettings = RequestedSettings<Omit<StudySettings, 'objective'>> & {
  readonly objective?: ObjectiveOptions | undefined;
};

/** @throws StudyError naming the first setting that is another than the study, or so, in a folder was begun with */
export function checkSettings(path: string, begun: StudySettings, asked: AskedSettings, what = 'study'): void {
  const other = (flag: string, before: string | undefined, now: string): StudyError => {
    const told = before === undefined ? `without ${flag}, not with` : `with ${flag} ${before}, not`;
    // A flag that alone says all has no value.
    return new StudyError(
      `${path} is a ${what} ${told} ${now === '' ? 'it' : now}: without ${flag} it goes on, and --out names another`,
    );
  };
  for (const [name, flag] of Object.entries(FLAGS)) {
    const [before, now] = [valueOf(begun, name), valueOf(asked, name)];
    if (now !== undefined && now !== before) throw other(flag, before, now);
  }
  const found = differingSetting(ARCHITECTURES[begun.architecture], begun.objective, asked.objective);
  if (found !== undefined) throw other(found.flag, found.before, found.now);
}

/** As a flag takes it; seeds by their number. */
function valueOf(settings: AskedSettings, name: string): string | undefined {
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
  const usual = new Map<string, string | number>(Object.entries({ samples: SAMPLES, ...preset }));
  return Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = valueOf(settings, name);
    // Always named: a study is about its dimensions.
    const isNamed = name === 'zDims' || value !== usual.get(name)?.toString();
    return value === undefined || !isNamed ? [] : [flag, value];
  });
}
