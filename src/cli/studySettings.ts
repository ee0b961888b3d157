/**
 * @file What a study's flags come to: settings, and what was asked for of a study that goes on.
 */
import type { StudyDescription, StudySettings } from '../study/studyDescription.js';
import { type AskedSettings, checkSettings, SAMPLES, seedNames, STUDY_PRESETS, Z_DIMS } from '../study/studyPlan.js';
import { askedObjective, chooseObjective } from './objectiveFlags.js';
import type { StudyFlags } from './studyFlags.js';
import { UsageError } from './usageError.js';

/** What the flags say, and nothing of what they leave open. */
export function askedSettings(flags: StudyFlags): AskedSettings {
  const objective = askedObjective(flags);
  const learned = objective === undefined ? {} : { objective };
  if (flags.preset !== undefined) {
    const { zDims, samples, ...sizes } = newSettings(flags);
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
export function newSettings(flags: StudyFlags): StudySettings {
  const name = flags.preset ?? 'quick';
  const preset = STUDY_PRESETS[name];
  const architecture = flags.arch ?? preset.architecture;
  const [batch, iterations] = [flags.batch ?? preset.batch, flags.iterations ?? preset.iterations];
  const { objective, schedule } = chooseObjective(architecture, flags, { batch, iterations });
  const settings = {
    preset: name,
    zDims: [...(flags.z ?? Z_DIMS)],
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
  checkSettings(path, settings, askedSettings(flags), what);
  if (flags.data !== undefined && flags.data !== 'auto' && flags.data !== dataset.kind) {
    throw new UsageError(`${path} is a ${what} on --data ${dataset.kind}, not ${flags.data}`);
  }
}
