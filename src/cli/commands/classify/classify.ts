/**
 * @file `classify`: groups the commands for classifiers of digits.
 */
import { type Command, createCommand } from 'commander';
import { evalCommand } from './eval.js';
import { predictCommand } from './predict.js';
import { trainCommand } from './train.js';

/** The command with its subcommands. */
export function classifyCommand(): Command {
  return createCommand('classify')
    .description('train a classifier of digits, evaluate one, or classify pictures')
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(predictCommand())
    .addHelpText('after', '\nExample:\n  node dist/cli classify eval --data-dir path/to/mnist');
}
