/**
 * @file What a study's flags come to: settings, and what was asked for of a study that goes on.
 */
import type { StudyDescription, StudySettings } from '../../study/plan/studyDescription.js';
import { type AskedSettings, checkSettings, SAMPLES, seedNames } from '../../study/plan/studyPlan.js';
import { DEFAULT_PRESET, PRESETS } from '../../training/run/presets.js';
import { requestedObjective, chooseObjective } from './objectiveFlags.js';
import type { StudyFlags } from './studyFlags.js';
import { UsageError } from './usageError.js';

/**
 * What the flags say, and nothing of what they leave open. The preset by which something was begun leaves its sizes open:
 * they are stored, and the preset may have had others then.
 */
function askedSettings(flags: StudyFlags, begunBy: string): AskedSettings {
  const objective = requestedObjective(flags);
  const learned = objective === undefined ? {} : { objective };
  if (flags.preset !== undefined && flags.preset !== begunBy) {
    const { zDims, samples, ...sizes } = newSettings(flags, []);
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

/** Of a new study. @param zDims without --z @throws UsageError for flags that make no sense together */
export function newSettings(flags: StudyFlags, zDims: readonly number[]): StudySettings {
  const name = flags.preset ?? DEFAULT_PRESET;
  const preset = PRESETS[name];
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
export function checkAsked(
  path: string,
  what: 'study' | 'comparison',
  { settings, dataset }: Pick<StudyDescription, 'settings' | 'dataset'>,
  flags: StudyFlags,
): void {
  checkSettings(path, settings, askedSettings(flags, settings.preset), what);
  if (flags.data !== undefined && flags.data !== 'auto' && flags.data !== dataset.kind) {
    throw new UsageError(`${path} is a ${what} on --data ${dataset.kind}, not ${flags.data}`);
  }
}
