/**
 * @file A method that is compared: a loss and further settings, as `wgan-gp` or `bce label-smoothing=0.1`.
 */
import { type Command, CommanderError, createCommand } from 'commander';
import { type ObjectiveFlags, withObjectiveFlags } from './objectiveFlags.js';
import { UsageError } from './usageError.js';

/** Takes a method as flags. Without help: that would be printed in the place of what is wrong. */
function methodCommand(): Command {
  return withObjectiveFlags(createCommand('method'))
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
}

/** What may come after the loss: flags of `train` without their dashes. */
export const METHOD_SETTINGS: readonly string[] = methodCommand()
  .options.map((option) => option.name())
  .filter((name) => name !== 'loss');

/** A method as it is stored and compared, whatever blanks stood between its words. */
export function plainMethod(method: string): string {
  return wordsOf(method).join(' ');
}

function wordsOf(method: string): string[] {
  return method.trim().split(/\s+/);
}

/**
 * The flags that a method stands for: its first word is the loss, each other a flag of `train` without its dashes.
 *
 * @throws UsageError for words that are none
 */
export function parseMethod(method: string): ObjectiveFlags {
  const refused = (why: string, cause?: unknown): UsageError => {
    return new UsageError(`the method “${method}” is none: ${why}`, { cause });
  };
  const [loss = '', ...settings] = wordsOf(method);
  const names = settings.map((setting) => setting.replace(/=.*/, ''));
  for (const [index, name] of names.entries()) {
    if (name === 'loss') throw refused('its loss is its first word');
    if (!METHOD_SETTINGS.includes(name)) {
      throw refused(`“${name}” is no setting of a loss; compare --help names those`);
    }
    if (names.indexOf(name) !== index) throw refused(`${name} comes twice`);
  }
  try {
    const words = ['--loss', loss, ...settings.map((setting) => `--${setting}`)];
    return methodCommand().parse(words, { from: 'user' }).opts<ObjectiveFlags>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw refused(error.message.replace(/^error: /, '').replaceAll('\n', ' '), error);
  }
}
