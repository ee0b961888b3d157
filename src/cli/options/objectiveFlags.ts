/**
 * @file Derives the flags of an objective from the settings table, and makes an objective of given flags.
 */
import type { Command } from 'commander';
import { describedObjective, type Objective, ObjectiveError, objectiveOf } from '../../gan/objective.js';
import { describeSetting, MAX_NOISE_ITERATIONS, ObjectiveOptions, SETTINGS } from '../../gan/settings.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import { SettingOption } from './settingOption.js';
import { UsageError } from './usageError.js';

const NONE = 'none';

/** The settings under their own names. `none`: the noise does not fall. */
export type ObjectiveFlags = Omit<ObjectiveOptions, 'noiseIterations'> & {
  readonly noiseIterations?: number | typeof NONE | undefined;
};

/** Adds a flag for each setting of an objective. */
export function withObjectiveFlags(command: Command): Command {
  for (const row of SETTINGS) command.addOption(new SettingOption(row, describeSetting(row)));
  return command;
}

/** The requested settings; undefined if no flag is given. */
export function requestedObjective(flags: ObjectiveFlags): ObjectiveOptions | undefined {
  const values = new Map<string, unknown>(Object.entries(flags));
  const given = SETTINGS.flatMap(({ name, noneWord }) => {
    const value = values.get(name);
    return value === undefined || (noneWord !== undefined && value === noneWord) ? [] : [[name, value] as const];
  });
  return given.length === 0 ? undefined : ObjectiveOptions.parse(Object.fromEntries(given));
}

/** The objective for run.json, and its schedule. @throws UsageError for flags that contradict each other */
export function chooseObjective(
  architecture: ArchitectureName,
  flags: ObjectiveFlags,
  { batch, iterations }: { readonly batch: number; readonly iterations: number },
): { objective: ReturnType<typeof describedObjective>; schedule: Objective['schedule'] } {
  const given = requestedObjective(flags) ?? {};
  const hasNoise = given.instanceNoise !== undefined;
  if (flags.noiseIterations === NONE && !hasNoise) {
    throw new UsageError(`--noise-iterations ${NONE}: without --instance-noise there is no noise`);
  }
  // Stored in run.json: a run resumed for more iterations is the same up to its first end.
  const falls = hasNoise && given.noiseIterations === undefined && flags.noiseIterations !== NONE;
  const requested = falls ? { ...given, noiseIterations: Math.min(iterations, MAX_NOISE_ITERATIONS) } : given;
  try {
    const { schedule } = objectiveOf(ARCHITECTURES[architecture], requested, batch);
    return { objective: describedObjective(ARCHITECTURES[architecture], requested), schedule };
  } catch (error) {
    if (error instanceof ObjectiveError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
