/**
 * @file The flags that `study` and `compare` share, and the settings that they stand for.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { MAX_Z_DIM } from '../../gan/settings.js';
import type { ConductOptions, ImageOptions } from '../../study/conduct.js';
import {
  MOST_SEEDS,
  type StudyDescription,
  StudyError,
  type StudySettings,
} from '../../study/plan/studyDescription.js';
import {
  checkGiven,
  checkSettings,
  checkTrainable,
  type RequestedStudySettings,
  SAMPLES,
  seedNames,
} from '../../study/plan/studyPlan.js';
import { DEFAULT_PRESET, describePresets, findPreset, PRESETS } from '../../training/run/presets.js';
import { CommonSettings, commonSettings } from '../../training/run/runSettings.js';
import { integer } from './arguments.js';
import { checkData, type DataKind, GREY_KINDS } from './dataOptions.js';
import { adapterOptions, type DeviceFlags } from './deviceOptions.js';
import { requestedObjective, chooseObjective, type ObjectiveFlags } from './objectiveFlags.js';
import { type CommonFlags, withCommonFlags } from './runFlags.js';
import { UsageError } from './usageError.js';

/** The most runs at a time. */
const MOST_JOBS = 64;

/** Absent flags take the preset's value, or that of the study which is resumed. */
export interface StudyFlags extends DeviceFlags, ObjectiveFlags, CommonFlags {
  readonly z?: readonly number[];
  readonly seeds?: number;
  readonly samples?: number;
  readonly checkpoint?: 'newest' | 'best';
  readonly data?: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly jobs: number;
  readonly onlyReport?: boolean;
  /** Starts without asking. */
  readonly yes?: boolean;
  readonly tune?: boolean;
  readonly json?: boolean;
}

/** Parses dimensions separated by commas. */
function parseZDims(text: string): number[] {
  const parse = integer(1, MAX_Z_DIM);
  try {
    const zDims = text.split(',').map(parse);
    if (new Set(zDims).size === zDims.length) return zDims;
  } catch {
    // The error below mentions the commas.
  }
  throw new InvalidArgumentError(
    `It takes different integers from 1 to ${MAX_Z_DIM}, separated by commas, such as 100,10,2.`,
  );
}

/** Adds the flags. */
export function withStudyFlags(
  command: Command,
  { zDims, out }: { readonly zDims: readonly number[]; readonly out: string },
): Command {
  return withCommonFlags(command)
    .option(
      '--z <dimensions>',
      `dimensions of z, separated by commas, each 1 to ${MAX_Z_DIM} (default: ${zDims.join(',')})`,
      parseZDims,
    )
    .option(
      '--seeds <count>',
      `runs per dimension (default: ${describePresets(({ seeds }) => seeds)})`,
      integer(1, MOST_SEEDS),
    )
    .option(
      '--samples <count>',
      `generated images that measure a finished run (default: ${SAMPLES})`,
      integer(LEAST_SAMPLES, MOST_SAMPLES),
    )
    .addOption(
      new Option(
        '--checkpoint <which>',
        'measure and draw each run by its newest checkpoint, or by the best, which needs --keep-best (default: newest)',
      ).choices(['newest', 'best']),
    )
    .addOption(new Option('--data <kind>', 'training images, as for train (default: auto)').choices(GREY_KINDS))
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--out <folder>', out)
    .addOption(new Option('--jobs <runs>', 'runs at a time').default(1).argParser(integer(1, MOST_JOBS)))
    .option('--only-report', 'redraw the report from existing results; train and measure nothing')
    .option('--yes', 'start without asking for confirmation')
    .option(
      '--tune',
      'measure anew which kernels are fastest (default: only on an adapter without shipped measurements)',
    )
    .option('--no-tune', 'measure no kernels: use known ones')
    .option('--json', 'print the result as JSON on stdout, and the progress on stderr');
}

/** The options of `study` and `compare` that the flags stand for. @throws UsageError for flags that contradict each other */
export function conductOptions(
  flags: StudyFlags,
  signal: AbortSignal,
): ConductOptions & { readonly data: ImageOptions } {
  const { tune, jobs, onlyReport = false, dataDir } = flags;
  const kind = flags.data === 'stacked' ? undefined : flags.data;
  checkData(kind, dataDir);
  return { adapter: adapterOptions(flags), tune, jobs, onlyReport, signal, data: { kind, folder: dataDir } };
}

/**
 * The settings that flags mention. The preset of an existing study mentions none: its sizes are stored, and the preset may
 * have changed since.
 */
function requestedSettings(flags: StudyFlags, begunBy: string): RequestedStudySettings {
  const objective = requestedObjective(flags);
  const learned = objective === undefined ? {} : { objective };
  if (flags.preset !== undefined && flags.preset !== begunBy) {
    const { zDims, samples, checkpoint, keepBest, ...sizes } = newSettings(flags, []);
    return {
      ...sizes,
      ...learned,
      ...(flags.z && { zDims }),
      ...(flags.samples !== undefined && { samples }),
      ...(flags.checkpoint && { checkpoint }),
      ...(flags.keepBest && { keepBest }),
    };
  }
  const { z, seeds, samples, checkpoint } = flags;
  return {
    ...CommonSettings.partial().parse(flags),
    ...(z && { zDims: [...z] }),
    ...(seeds !== undefined && { seeds: seedNames(seeds) }),
    ...learned,
    ...(samples !== undefined && { samples }),
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

/** Settings of a new study. @param zDims default of --z @throws UsageError for flags that contradict each other */
export function newSettings(flags: StudyFlags, zDims: readonly number[]): StudySettings {
  const common = commonSettings(flags);
  const { architecture, preset } = common;
  const { objective } = chooseObjective(architecture, flags, common);
  const { seeds } = findPreset(preset) ?? PRESETS[DEFAULT_PRESET];
  const settings = {
    ...common,
    zDims: [...(flags.z ?? zDims)],
    seeds: seedNames(flags.seeds ?? seeds),
    ...(objective === undefined ? {} : { objective }),
    samples: flags.samples ?? SAMPLES,
    checkpoint: flags.checkpoint ?? 'newest',
  };
  try {
    if (settings.zDims.length > 0) checkTrainable(settings);
  } catch (cause) {
    throw cause instanceof StudyError ? new UsageError(cause.message, { cause }) : cause;
  }
  return settings;
}

/** @throws StudyError, UsageError if the flags contradict the study or comparison in a folder */
export function checkAsked(
  path: string,
  what: 'study' | 'comparison',
  { settings, dataset }: Pick<StudyDescription, 'settings' | 'dataset'>,
  flags: StudyFlags,
): void {
  checkSettings(path, settings, requestedSettings(flags, settings.preset), what);
  try {
    checkGiven(path, what, { settings, dataset }, { kind: flags.data });
  } catch (cause) {
    throw cause instanceof StudyError ? new UsageError(cause.message, { cause }) : cause;
  }
}
