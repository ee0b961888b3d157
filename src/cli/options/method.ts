/**
 * @file Parses a method of `compare`: a loss and further settings, such as `wgan-gp` or `bce label-smoothing=0.1`.
 */
import { CommanderError, createCommand } from 'commander';
import { SETTINGS } from '../../gan/settings.js';
import { type ObjectiveFlags, withObjectiveFlags } from './objectiveFlags.js';
import { UsageError } from './usageError.js';

/** The settings that may follow the loss: flags of `train` without their dashes. */
export const METHOD_SETTINGS: readonly string[] = SETTINGS.filter(({ name }) => name !== 'loss').map(({ flagName }) =>
  flagName.replace(/^--/, ''),
);

/** A method as it is stored and compared: its words with one blank between them. */
export function plainMethod(method: string): string {
  return wordsOf(method).join(' ');
}

function wordsOf(method: string): string[] {
  return method.trim().split(/\s+/);
}

/**
 * The flags of a method: its first word is the loss, each other word a flag of `train` without its dashes.
 *
 * @throws UsageError for other words
 */
export function parseMethod(method: string): ObjectiveFlags {
  const refused = (reason: string, cause?: unknown): UsageError => {
    return new UsageError(`invalid method “${method}”: ${reason}`, { cause });
  };
  const [loss = '', ...settings] = wordsOf(method);
  const names = settings.map((setting) => setting.replace(/=.*/, ''));
  for (const [index, name] of names.entries()) {
    if (name === 'loss') throw refused('its loss is its first word');
    if (!METHOD_SETTINGS.includes(name)) throw refused(`unknown setting “${name}”; compare --help lists the settings`);
    if (names.indexOf(name) !== index) throw refused(`${name} is given twice`);
  }
  // Without help, which would be printed instead of the error.
  const command = withObjectiveFlags(createCommand('method'))
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    const words = ['--loss', loss, ...settings.map((setting) => `--${setting}`)];
    return command.parse(words, { from: 'user' }).opts<ObjectiveFlags>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw refused(error.message.replace(/^error: /, '').replaceAll('\n', ' '), error);
  }
}
