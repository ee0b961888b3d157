/**
 * @file Resolves the objective of a GAN: requested settings, with the defaults of the loss and the architecture for the
 * others; refuses settings that contradict each other.
 */
import { z } from 'zod';
import { type Architecture, ARCHITECTURES } from '../models/networks/architectures.js';
import type { AdamSettings } from '../models/optim/adam.js';
import { LOSSES, type Loss, type LossName } from './losses.js';
import { type Setting, type SettingContext, valueProblem } from './settingRow.js';
import {
  DEFAULT_LOSS,
  lossesTaking,
  ObjectiveOptions,
  ObjectiveSettings,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
  settingText,
} from './settings.js';

/** All that a training step depends on. */
export interface Objective extends Omit<ObjectiveSettings, 'loss'> {
  readonly lossName: LossName;
  readonly loss: Loss;
  readonly schedule: Architecture['schedule'];
  readonly generatorAdam: AdamSettings;
  readonly discriminatorAdam: AdamSettings;
}

/** Settings contradict each other; the message names the flag and the reason. */
export class ObjectiveError extends Error {
  override readonly name = 'ObjectiveError';
}

/**
 * The objective of requested settings.
 *
 * @param batch images a batch, if known
 * @throws ObjectiveError if the settings contradict each other, the architecture or the batch
 */
export function objectiveOf(architecture: Architecture, requested: ObjectiveOptions, batch?: number): Objective {
  for (const row of SETTINGS) {
    const value = requested[row.name];
    const problem = value === undefined ? undefined : valueProblem(row.values, value);
    if (problem !== undefined) throw refusal(row, value, `it takes ${problem}`);
  }
  const { loss: lossName, ...settings } = objectiveSettings(architecture, requested);
  const loss = LOSSES[lossName];
  const { generatorRate, discriminatorRate } = settings;
  const objective = {
    ...settings,
    lossName,
    loss,
    schedule: scheduleOf(architecture, loss),
    generatorAdam: { ...architecture.generatorAdam, ...loss.adam, learningRate: generatorRate },
    discriminatorAdam: { ...architecture.discriminatorAdam, ...loss.adam, learningRate: discriminatorRate },
  };
  validateSettings(architecture, { loss: lossName, ...settings });
  if (batch !== undefined) validateBatch(objective, batch);
  return objective;
}

function scheduleOf({ schedule }: Architecture, { isJoint }: Loss): Architecture['schedule'] {
  return isJoint === true ? 'joint' : schedule;
}

function contextOf(architecture: Architecture, requested: ObjectiveOptions): SettingContext {
  const lossName = requested.loss ?? DEFAULT_LOSS;
  const normalisation = requested.normaliseDiscriminator ?? architecture.discriminatorNormalisations[0];
  return { lossName, loss: LOSSES[lossName], architecture, isSpectral: normalisation === 'spectral' };
}

/** Defaults are not checked against the bounds of requested values: an architecture may have a learning rate of 0. */
const Complete = z.custom<ObjectiveSettings>((value) => {
  return typeof value === 'object' && value !== null && SETTING_NAMES.every((name) => name in value);
});

/** All settings with the defaults filled in, whether or not they contradict each other. */
export function objectiveSettings(architecture: Architecture, requested: ObjectiveOptions): ObjectiveSettings {
  const context = contextOf(architecture, requested);
  const given = ObjectiveOptions.parse(requested);
  return Complete.parse(Object.fromEntries(SETTINGS.map((row) => [row.name, given[row.name] ?? row.default(context)])));
}

function validateSettings(architecture: Architecture, settings: ObjectiveSettings): void {
  const context = contextOf(architecture, settings);
  for (const row of SETTINGS) {
    const value = settings[row.name];
    const problem = value === undefined || value === row.neutral ? undefined : settingProblem(row, value, context);
    if (problem !== undefined) throw refusal(row, value, problem);
    const needed = SETTINGS.find(({ name }) => name === row.needs?.name);
    if (value !== undefined && needed !== undefined && settings[needed.name] === undefined) {
      throw refusal(row, value, row.needs?.because ?? '');
    }
  }
}

/** Why a loss or an architecture does not take a value. */
function settingProblem(row: Setting, value: unknown, context: SettingContext): string | undefined {
  const { lossName, loss, architecture } = context;
  const losses = lossesTaking(row);
  if (!losses.includes(lossName)) {
    return `--loss ${lossName} ${row.losses?.lack ?? 'does not take it'}; taken by ${losses.join(', ')}`;
  }
  if (row.needsJoint === true && scheduleOf(architecture, loss) === 'splitBatch') {
    const joint = Object.entries(ARCHITECTURES).flatMap(([name, { schedule }]) => (schedule === 'joint' ? [name] : []));
    const others = losses.filter((name) => LOSSES[name].isJoint === true);
    return (
      `under --loss ${lossName} this architecture updates its discriminator on half a batch of real images, then on half ` +
      `a batch of generated ones; taken by --arch ${joint.join(', ')} and by --loss ${others.join(', ')}`
    );
  }
  return row.refuse?.(value, context);
}

function validateBatch({ pack, minibatchStddev, schedule }: Objective, batch: number): void {
  const isSplit = schedule === 'splitBatch';
  const real = isSplit ? batch / 2 : batch;
  // An odd batch is refused where it is split.
  if (!Number.isInteger(real)) return;
  const seen = isSplit ? `${real} images at a time, half a batch of ${batch}` : `a batch of ${batch} images`;
  if (real % pack !== 0) {
    throw new ObjectiveError(`--pack ${pack}: the discriminator sees ${seen}, which is not a whole number of packs`);
  }
  if (minibatchStddev && real / pack < 2) {
    const what = pack === 1 ? 'image' : `pack of ${pack}`;
    throw new ObjectiveError(`--minibatch-stddev: the discriminator sees ${seen}, and a single ${what} does not vary`);
  }
}

function refusal({ flagName }: Setting, value: unknown, reason: string): ObjectiveError {
  return new ObjectiveError(`${[flagName, settingText(value)].join(' ').trim()}: ${reason}`);
}

/**
 * The objective as run.json stores it: the loss, and each setting that differs from the default of that loss, or of bce, with
 * the same architecture. A resumed run thus keeps its loss's penalty weight, critic steps and clip, even if the defaults
 * change. `objectiveOf` makes the same objective of it.
 *
 * @returns undefined for bce with the architecture's own settings
 * @throws ObjectiveError as {@link objectiveOf}
 */
export function describedObjective(
  architecture: Architecture,
  requested: ObjectiveOptions,
): (ObjectiveOptions & { readonly loss: LossName }) | undefined {
  const { lossName } = objectiveOf(architecture, requested);
  const settings = objectiveSettings(architecture, requested);
  const defaults = [{ loss: lossName }, {}].map((usual) => objectiveSettings(architecture, usual));
  const stored = SETTINGS.filter(({ name, isStoredOnlyIfRequested }) => {
    if (isStoredOnlyIfRequested === true) return requested[name] !== undefined;
    const value = settings[name];
    return value !== undefined && defaults.some((usual) => !isSameSetting(usual[name], value));
  });
  if (stored.length === 0) return undefined;
  const values = stored.map(({ name }) => [name, settings[name]]);
  return StoredObjective.parse(Object.fromEntries([['loss', lossName], ...values]));
}

/** An objective in a file. */
export const StoredObjective = ObjectiveSettings.partial().required({ loss: true });

/** Whether two objectives have the same settings, with the same architecture. An absent one is bce by default settings. */
export function isSameObjective(
  architecture: Architecture,
  one: ObjectiveOptions = {},
  other: ObjectiveOptions = {},
): boolean {
  const [all, others] = [objectiveSettings(architecture, one), objectiveSettings(architecture, other)];
  return SETTINGS.every(({ name }) => isSameSetting(all[name], others[name]));
}

/** A requested setting that differs from an objective's, by its flag. */
export interface DifferingSetting {
  readonly flag: string;
  /** Absent if the objective has the default. */
  readonly before: string | undefined;
  readonly now: string;
}

/** The first requested setting that differs from an objective's; undefined if none does. */
export function differingSetting(
  architecture: Architecture,
  objective: ObjectiveOptions = { loss: DEFAULT_LOSS },
  requested: ObjectiveOptions = {},
): DifferingSetting | undefined {
  const settings = objectiveSettings(architecture, objective);
  const wanted = ObjectiveOptions.parse(requested);
  const row = SETTINGS.find(({ name }) => wanted[name] !== undefined && !isSameSetting(settings[name], wanted[name]));
  if (row === undefined) return undefined;
  const before = new Map(flaggedSettings(objective)).get(row.flagName);
  return { flag: row.flagName, before, now: settingText(wanted[row.name]) };
}

/** Whether two values of a setting are equal; lists are in the order of their names. */
function isSameSetting(one: ObjectiveOptions[SettingName], other: typeof one): boolean {
  return one === other || (typeof one === 'object' && typeof other === 'object' && one.join() === other.join());
}

/** Each setting that is given, by its flag, with the value that the flag takes: empty for a toggle. */
export function flaggedSettings(objective: ObjectiveOptions): (readonly [flag: string, value: string])[] {
  return SETTINGS.flatMap(({ name, flagName }) => {
    const value = objective[name];
    if (value === undefined || value === false || value.toString() === '') return [];
    return [[flagName, settingText(value)] as const];
  });
}

/** The arguments of a command that requests an objective. */
export function objectiveToArgv(objective: ObjectiveOptions = {}): string[] {
  const given = flaggedSettings(objective).flatMap(([flag, value]) => (value === '' ? [flag] : [flag, value]));
  // A command fills in a default for a setting with a word for none, if the setting that it needs is given.
  const none = SETTINGS.flatMap(({ name, flagName, needs, noneWord }) => {
    const isNeeded = SETTINGS.some((other) => other.name === needs?.name && objective[other.name] !== undefined);
    return noneWord !== undefined && isNeeded && objective[name] === undefined ? [flagName, noneWord] : [];
  });
  return [...given, ...none];
}

/** An objective in one line: `wgan-gp, penalty weight 10, critic steps 5`. */
export function summariseObjective({ loss = DEFAULT_LOSS, ...settings }: ObjectiveOptions): string {
  const values = new Map<string, unknown>(Object.entries(settings));
  const parts = SETTINGS.flatMap(({ name, label }) => {
    const value = values.get(name);
    if (value === undefined || value === false) return [];
    return [`${label} ${settingText(value).replaceAll(',', ' and ')}`.trim()];
  });
  return [loss, ...parts].join(', ');
}
