/**
 * @file `compare` as commander knows it: methods, flags, their defaults and their help.
 */
import { type Command, createCommand, Help } from 'commander';
import { LOSS_NAMES } from '../../gan/losses.js';
import { COMPARED_Z_DIMS } from '../../study/comparison/presets.js';
import { REFERENCE_DEVICE } from '../../training/run/timeLeft.js';
import type { CompareFlags } from '../options/compareFlags.js';
import { withDeviceFlags } from '../options/deviceOptions.js';
import { METHOD_SETTINGS } from '../options/method.js';
import { withStudyFlags } from './studyCommand.js';

/** Columns of the terminal that lines below the flags may take. */
const COLUMNS = 120;

const HELP = `
A method is a loss and settings of what the networks learn, each once: "wgan-gp critic-steps=2", "bce pack=2 unroll=5".
They are flags of train without their dashes, which docs/losses.md explains; these and no others:
${new Help().boxWrap(METHOD_SETTINGS.join(', '), COLUMNS)}

Examples:
  node dist/cli compare bce wgan-gp hinge --z 50,2,1 --data-dir path/to/mnist
  node dist/cli compare bce "bce label-smoothing=0.1" --z 2 --seeds 3 --preset standard
  node dist/cli compare --out comparisons/losses                 # goes on with it
  node dist/cli compare --out comparisons/losses --only-report   # draws anew

Before it begins, the number of runs is told, and an estimate of the time, on ${REFERENCE_DEVICE}; on a terminal, it asks.
Each method gets a study in the comparison's folder, with a report of its own. Ctrl-C stops with checkpoints (exit code
130); --out FOLDER goes on, and the last line names it. All are trained on the images that were chosen when it was begun:
where those have moved, --data-dir tells it; others are refused.`;

/** The command with its flags. */
export function compareCommand(): Command {
  const command = withDeviceFlags(createCommand('compare'))
    .description('train by several methods at each of several dimensions of z, and compare what they keep of the modes')
    .argument('[methods...]', `losses and further settings (default: ${LOSS_NAMES.join(' ')})`);
  withStudyFlags(command, {
    zDims: COMPARED_Z_DIMS,
    out: "the comparison's folder, new or to go on with (default: one in comparisons/ named after the time)",
  }).addHelpText('after', HELP);
  return command.action(async (methods: readonly string[], flags: CompareFlags) => {
    const { runCompare } = await import('./compare.js');
    return runCompare(methods, flags);
  });
}
