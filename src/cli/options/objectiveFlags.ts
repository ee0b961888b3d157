/**
 * @file Derives the flags of an objective from the settings table, and makes an objective of given flags.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { describedObjective, type Objective, ObjectiveError, objectiveOf } from '../../gan/objective.js';
import type { Setting } from '../../gan/settingRow.js';
import { describeSetting, MAX_NOISE_ITERATIONS, ObjectiveOptions, SETTINGS } from '../../gan/settings.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import { integerOr, numberWithin } from './arguments.js';
import { UsageError } from './usageError.js';

const NONE = 'none';

/** The settings under their own names. `none`: the noise does not fall. */
export type ObjectiveFlags = Omit<ObjectiveOptions, 'noiseIterations'> & {
  readonly noiseIterations?: number | typeof NONE | undefined;
};

/** A flag whose value commander stores under the name of its setting. */
class SettingOption extends Option {
  constructor(private readonly row: Setting) {
    super(row.flag, describeSetting(row));
    const { values, noneWord } = row;
    if (values.kind === 'choice') this.choices(values.names);
    if (values.kind === 'list') this.argParser(namesOf(values.names));
    if (values.kind === 'number') {
      const { bounds } = values;
      this.argParser(noneWord === undefined ? numberWithin(bounds) : integerOr(noneWord, bounds));
    }
  }

  override attributeName(): string {
    return this.row.name;
  }
}

/** Adds a flag for each setting of an objective. */
export function withObjectiveFlags(command: Command): Command {
  for (const row of SETTINGS) command.addOption(new SettingOption(row));
  return command;
}

/** Parses names separated by commas. */
function namesOf(names: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    const found = names.filter((name) => words.includes(name));
    if (found.length === words.length) return found;
    throw new InvalidArgumentError(`It takes ${names.join(', ')}, or several separated by commas, each once.`);
  };
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
