/**
 * @file A method that is compared: a loss and further settings, as `wgan-gp` or `bce label-smoothing=0.1`.
 */
import { CommanderError, createCommand } from 'commander';
import { type ObjectiveFlags, withObjectiveFlags } from './objectiveFlags.js';
import { UsageError } from './usageError.js';

/**
 * The flags that a method stands for: its first word is the loss, each other a flag of `train` without its dashes.
 *
 * @throws UsageError for words that are none
 */
export function parseMethod(method: string): ObjectiveFlags {
  const [loss = '', ...settings] = method.trim().split(/\s+/);
  const words = settings.flatMap((setting) => {
    const [name = '', ...value] = setting.split('=');
    return [`--${name}`, ...(value.length === 0 ? [] : [value.join('=')])];
  });
  const command = withObjectiveFlags(createCommand('method'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    return command.parse(['--loss', loss, ...words], { from: 'user' }).opts<ObjectiveFlags>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const why = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    throw new UsageError(`the method “${method}” is none: ${why}`, { cause: error });
  }
}
