/**
 * @file What a study trains: presets, the run of each dimension and seed, and the arguments that `train` gets for it.
 */
import type { RunArguments } from '../training/runDescription.js';
import { StudyError, type StudyDataset, type StudySettings } from './studyDescription.js';

/** Settings that go together. A flag that is given outweighs the preset's. */
export const STUDY_PRESETS = {
  /** A comparison within about half an hour on a 2-core software device, measuring included. */
  quick: { architecture: 'dcgan', width: 0.5, batch: 32, iterations: 2000, sampleEvery: 250, seeds: 2 },
  /** What `train` does by default. */
  standard: { architecture: 'dcgan', width: 1, batch: 32, iterations: 3000, sampleEvery: 500, seeds: 3 },
  /** The protocol of triwave33's DCGAN article (2018). */
  article: { architecture: 'article', width: 1, batch: 32, iterations: 99_000, sampleEvery: 1000, seeds: 1 },
} as const satisfies Record<string, Omit<StudySettings, 'preset' | 'zDims' | 'seeds' | 'samples'> & { seeds: number }>;

export type StudyPreset = keyof typeof STUDY_PRESETS;

/** The article's. */
export const Z_DIMS = [100, 50, 10, 2, 1] as const;

/** The article's, too: images that a finished run is measured by. */
export const SAMPLES = 10_000;

/** Checkpoints that stay of a run: one may be damaged. */
const KEEP = 2;

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

/** The runs in the order in which they are trained: all dimensions with one seed before the next seed. */
export function planRuns({ zDims, seeds }: Pick<StudySettings, 'zDims' | 'seeds'>): PlannedRun[] {
  return seeds.flatMap((seed) => zDims.map((zDim) => ({ name: `z${zDim}-seed${seed}`, zDim, seed })));
}

/** What the run of a study is told to be. */
export function runArguments(settings: StudySettings, { zDim, seed }: PlannedRun): RunArguments {
  const { architecture, width, batch, iterations, sampleEvery, preset } = settings;
  const sizes = { architecture, zDim, width, batch, iterations, sampleEvery };
  return { ...sizes, checkpointEvery: sampleEvery, keep: KEEP, seed, preset };
}

/** The arguments of `train` that begin a run in the folder `out`. */
export function trainArguments(
  settings: StudySettings,
  run: PlannedRun,
  { kind, folder }: Pick<StudyDataset, 'kind' | 'folder'>,
  out: string,
): string[] {
  const { architecture, zDim, width, batch, iterations, sampleEvery, checkpointEvery, keep, seed } = runArguments(
    settings,
    run,
  );
  const flags = {
    z: zDim,
    arch: architecture,
    width,
    batch,
    iterations,
    'sample-every': sampleEvery,
    'checkpoint-every': checkpointEvery,
    keep,
    seed,
    data: kind,
    ...(folder === undefined ? {} : { 'data-dir': folder }),
    out,
  };
  return ['train', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value.toString()])];
}

/** @throws StudyError where a run's arguments are not those that the study gives it; `path` is the run's folder */
export function checkArguments(path: string, found: RunArguments, wanted: RunArguments): void {
  for (const name of ['architecture', 'zDim', 'width', 'batch', 'iterations', 'sampleEvery', 'seed'] as const) {
    if (found[name] === wanted[name]) continue;
    throw new StudyError(
      `${path} is a run of other settings: its ${name} is ${found[name]}, the study's is ${wanted[name]}; ` +
        'move it away to train it anew',
    );
  }
}

/** Each setting's flag, for messages. */
const FLAGS: Readonly<Record<Exclude<keyof StudySettings, 'preset'>, string>> = {
  zDims: '--z',
  seeds: '--seeds',
  architecture: '--arch',
  width: '--width',
  batch: '--batch',
  iterations: '--iterations',
  sampleEvery: '--sample-every',
  samples: '--samples',
};

/** @throws StudyError naming the first setting that is another than the study in a folder was begun with */
export function checkSettings(path: string, begun: StudySettings, asked: Partial<StudySettings>): void {
  for (const [name, flag] of Object.entries(FLAGS)) {
    const [before, now] = [valueOf(begun, name), valueOf(asked, name)];
    if (now === undefined || now === before) continue;
    throw new StudyError(
      `${path} is a study with ${flag} ${before ?? ''}, not ${now}: without ${flag} it goes on, and --out names another`,
    );
  }
}

/** As a flag takes it; seeds by their number. */
function valueOf(settings: Partial<StudySettings>, name: string): string | undefined {
  const found = new Map<string, unknown>(Object.entries(settings)).get(name);
  if (Array.isArray(found)) return name === 'seeds' ? found.length.toString() : found.join(',');
  return typeof found === 'string' || typeof found === 'number' ? found.toString() : undefined;
}

/** A command that makes the same study, where the images are found without a folder's name. */
export function studyCommandLine(settings: StudySettings, { kind }: Pick<StudyDataset, 'kind'>): string {
  const preset = Object.entries(STUDY_PRESETS).find(([name]) => name === settings.preset)?.[1] ?? {};
  const usual = new Map<string, string | number>(Object.entries({ samples: SAMPLES, ...preset }));
  const given = Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = valueOf(settings, name);
    // The dimensions are what it is about.
    const isTold = name === 'zDims' || value !== usual.get(name)?.toString();
    return value === undefined || !isTold ? [] : [`${flag} ${value}`];
  });
  return ['node dist/cli study', ...given, `--preset ${settings.preset}`, `--data ${kind}`].join(' ');
}
