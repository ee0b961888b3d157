/**
 * @file Lists all settings of a run besides its objective, one row each. Flags, files, the arguments of a run, what a resumed
 * run may change and the table in docs/command-line.md are derived from the rows: a new setting is a row here and what uses
 * it.
 */
import { z } from 'zod';
import { BEST_METRICS } from '../../evaluation/best.js';
import { above0, integers } from '../../gan/bounds.js';
import {
  choice,
  type FlagRow,
  knownName,
  type Named,
  number,
  numberOr,
  SettingRows,
  text,
  type Typed,
} from '../../gan/settingRow.js';
import { MAX_BATCH, MAX_WIDTH, MAX_Z_DIM } from '../../gan/settings.js';
import { type ArchitectureName, ARCHITECTURES } from '../../models/networks/architectures.js';
import { DEFAULT_PRESET, describePresets, findPreset, PRESET_NAMES, PRESETS, type PresetSizes } from './presets.js';

/** A setting of a run. */
interface RunRow<Value> extends FlagRow {
  /** The value if none is requested. */
  default(preset: PresetSizes): Value;
  /** The setting whose value is the default. */
  readonly sameAs?: string;
  /** A resumed run may get another value. */
  readonly canChange?: true;
  /** What it is for a study, if that is more. */
  readonly studyHelp?: string;
  /** For files, if not as in the help. */
  readonly description?: string;
}

const rows = new SettingRows<RunRow<unknown>>();

function row<Schema extends z.ZodType>({ schema, values }: Typed<Schema>, described: RunRow<z.output<Schema>>): Schema {
  return rows.add(schema, values, described, described.description);
}

const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES).filter((name): name is ArchitectureName => {
  return name in ARCHITECTURES;
});

/** All runs of a study have these in common. */
const COMMON = {
  architecture: row(choice(ARCHITECTURE_NAMES), {
    flag: '--arch <name>',
    help: 'networks, optimisers and schedule',
    default: ({ architecture }) => architecture,
  }),
  preset: row(knownName(PRESET_NAMES), {
    flag: '--preset <name>',
    help: "set of sizes; article is the protocol of triwave33's article",
    description: 'source of the sizes that no flag set',
    default: () => DEFAULT_PRESET,
  }),
  width: row(number(above0(MAX_WIDTH)), {
    flag: '--width <factor>',
    help: 'factor on all channel counts; 1 is the published size',
    default: ({ width }) => width,
  }),
  batch: row(number(integers(1, MAX_BATCH)), {
    flag: '--batch <images>',
    help: 'images a batch',
    default: ({ batch }) => batch,
  }),
  iterations: row(number(integers(1)), {
    flag: '--iterations <count>',
    help: 'updates of the generator in total',
    studyHelp: 'updates of the generator in each run',
    default: ({ iterations }) => iterations,
    canChange: true,
  }),
  sampleEvery: row(number(integers(1)), {
    flag: '--sample-every <iterations>',
    help: 'iterations between pictures',
    studyHelp: 'iterations between pictures, and between checkpoints',
    default: ({ sampleEvery }) => sampleEvery,
  }),
  keepBest: row(choice(['none', ...BEST_METRICS]), {
    flag: '--keep-best <metric>',
    help: 'keep the best checkpoint by this metric of the evaluations besides the newest ones',
    studyHelp: 'keep the best checkpoint of each run by this metric of its evaluations',
    noneWord: 'none',
    default: (): 'none' => 'none',
    canChange: true,
  }),
} as const;

/** The settings of one run. */
const RUN = {
  zDim: row(number(integers(1, MAX_Z_DIM)), {
    flag: '--z <dimension>',
    help: `dimension of the latent variable, 1 to ${MAX_Z_DIM}`,
    default: () => 100,
  }),
  ...COMMON,
  checkpointEvery: row(number(integers(1)), {
    flag: '--checkpoint-every <iterations>',
    help: 'iterations between checkpoints',
    default: ({ sampleEvery }) => sampleEvery,
    sameAs: 'sampleEvery',
    canChange: true,
  }),
  keep: row(numberOr('all', integers(1)), {
    flag: '--keep <count>',
    help: 'number of newest checkpoints that are kept, or all',
    default: () => 3,
    canChange: true,
  }),
  seed: row(text(), {
    flag: '--seed <text>',
    help: 'the same seed on the same device gives the same bits',
    default: () => '1',
  }),
} as const;

/** All settings of a run with their values. */
export const RunSettings = z.object(RUN);
export type RunSettings = z.infer<typeof RunSettings>;

/** The settings that all runs of a study have in common. */
export const CommonSettings = z.object(COMMON);
export type CommonSettings = z.infer<typeof CommonSettings>;

export type RunSetting<Name extends string = string> = Named<RunRow<unknown>, Name>;

/** The rows of {@link RunSettings}. */
export const RUN_SETTINGS: readonly RunSetting<keyof RunSettings>[] = rows.of(RunSettings.keyof().options, RUN);

/** The rows of {@link CommonSettings}. */
export const COMMON_SETTINGS: readonly RunSetting<keyof CommonSettings>[] = rows.of(
  CommonSettings.keyof().options,
  COMMON,
);

/** The settings that are requested; for the others the defaults of the preset hold. */
export type RequestedSettings<Settings> = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

/** Fills in the defaults of a run. */
export function runSettings(requested: RequestedSettings<RunSettings>): RunSettings {
  return RunSettings.parse(filledIn(RUN_SETTINGS, requested));
}

/** Fills in the defaults of a study. */
export function commonSettings(requested: RequestedSettings<CommonSettings>): CommonSettings {
  return CommonSettings.parse(filledIn(COMMON_SETTINGS, requested));
}

function filledIn(settings: readonly RunSetting[], requested: RequestedSettings<RunSettings>): object {
  const given = new Map<string, unknown>(Object.entries(requested));
  const preset = findPreset(requested.preset ?? DEFAULT_PRESET) ?? PRESETS[DEFAULT_PRESET];
  const values = settings.map((each) => {
    const value = given.get(each.name) ?? (each.sameAs === undefined ? undefined : given.get(each.sameAs));
    return [each.name, value ?? each.default(preset)] as const;
  });
  return Object.fromEntries(values);
}

/** The settings of a resumed run: those that may change are as requested. */
export function resumedSettings(before: RunSettings, requested: RequestedSettings<RunSettings>): RunSettings {
  const given = new Map<string, unknown>(Object.entries(requested));
  const changed = RUN_SETTINGS.filter(({ name, canChange }) => canChange === true && given.get(name) !== undefined);
  return RunSettings.parse({ ...before, ...Object.fromEntries(changed.map(({ name }) => [name, given.get(name)])) });
}

/** The default, and the presets that have another: `1, quick: 0.5`. */
export function describeRunDefault(setting: RunSetting): string {
  const source = RUN_SETTINGS.find(({ name }) => name === setting.sameAs);
  return source === undefined ? describePresets((preset) => setting.default(preset)) : `as ${source.flagName}`;
}
