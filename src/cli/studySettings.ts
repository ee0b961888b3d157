/**
 * @file What a study's flags come to: settings, and what was asked for of a study that goes on.
 */
import { COMPARED_Z_DIMS, COMPARISON_PRESETS, type ComparisonPreset } from '../study/comparison/presets.js';
import type { StudyDescription, StudySettings } from '../study/studyDescription.js';
import {
  type AskedSettings,
  checkSettings,
  type PresetSizes,
  SAMPLES,
  seedNames,
  STUDY_PRESETS,
  type StudyPreset,
  Z_DIMS,
} from '../study/studyPlan.js';
import { askedObjective, chooseObjective } from './objectiveFlags.js';
import type { StudyFlags } from './studyFlags.js';
import { UsageError } from './usageError.js';

/** What stands in for the flags that are not given. */
export interface Defaults<Preset extends string> {
  readonly presets: Readonly<Record<Preset | 'quick', PresetSizes>>;
  readonly zDims: readonly number[];
}

export const STUDY_DEFAULTS: Defaults<StudyPreset> = { presets: STUDY_PRESETS, zDims: Z_DIMS };
export const COMPARISON_DEFAULTS: Defaults<ComparisonPreset> = { presets: COMPARISON_PRESETS, zDims: COMPARED_Z_DIMS };

type SettingFlags<Preset> = Omit<StudyFlags, 'preset'> & { readonly preset?: Preset };

/** What the flags say, and nothing of what they leave open. */
function askedSettings<Preset extends string>(flags: SettingFlags<Preset>, defaults: Defaults<Preset>): AskedSettings {
  const objective = askedObjective(flags);
  const learned = objective === undefined ? {} : { objective };
  if (flags.preset !== undefined) {
    const { zDims, samples, ...sizes } = newSettings(flags, defaults);
    return { ...sizes, ...learned, ...(flags.z && { zDims }), ...(flags.samples !== undefined && { samples }) };
  }
  const { z, seeds, arch, width, batch, iterations, sampleEvery, samples } = flags;
  return {
    ...(z && { zDims: [...z] }),
    ...(seeds !== undefined && { seeds: seedNames(seeds) }),
    ...(arch && { architecture: arch }),
    ...learned,
    ...(width !== undefined && { width }),
    ...(batch !== undefined && { batch }),
    ...(iterations !== undefined && { iterations }),
    ...(sampleEvery !== undefined && { sampleEvery }),
    ...(samples !== undefined && { samples }),
  };
}

/** Of a new study. @throws UsageError for flags that make no sense together */
export function newSettings<Preset extends string>(
  flags: SettingFlags<Preset>,
  { presets, zDims }: Defaults<Preset>,
): StudySettings {
  const name: Preset | 'quick' = flags.preset ?? 'quick';
  const preset = presets[name];
  const architecture = flags.arch ?? preset.architecture;
  const [batch, iterations] = [flags.batch ?? preset.batch, flags.iterations ?? preset.iterations];
  const { objective, schedule } = chooseObjective(architecture, flags, { batch, iterations });
  const settings = {
    preset: name,
    zDims: [...(flags.z ?? zDims)],
    seeds: seedNames(flags.seeds ?? preset.seeds),
    architecture,
    ...(objective === undefined ? {} : { objective }),
    width: flags.width ?? preset.width,
    batch,
    iterations,
    sampleEvery: flags.sampleEvery ?? preset.sampleEvery,
    samples: flags.samples ?? SAMPLES,
  };
  if (schedule === 'halves' && settings.batch % 2 !== 0) {
    throw new UsageError(`--batch ${settings.batch}: --arch ${architecture} trains on two halves of a batch`);
  }
  return settings;
}

/** @throws StudyError, UsageError where the flags ask for something else than what is in the folder was begun with */
export function checkAsked<Preset extends string>(
  path: string,
  what: 'study' | 'comparison',
  { settings, dataset }: Pick<StudyDescription, 'settings' | 'dataset'>,
  flags: SettingFlags<Preset>,
  defaults: Defaults<Preset>,
): void {
  checkSettings(path, settings, askedSettings(flags, defaults), what);
  if (flags.data !== undefined && flags.data !== 'auto' && flags.data !== dataset.kind) {
    throw new UsageError(`${path} is a ${what} on --data ${dataset.kind}, not ${flags.data}`);
  }
}
