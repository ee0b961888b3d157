/**
 * @file `train` as commander knows it: flags, their defaults and their help.
 */
import { type Command, createCommand, Option } from 'commander';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { integers } from '../../gan/bounds.js';
import { MAX_BATCH, MAX_WIDTH, MAX_Z_DIM } from '../../gan/limits.js';
import { describePresets } from '../../training/run/presets.js';
import { integer, integerOr, positive } from '../options/arguments.js';
import { DATA_KINDS, dataOption } from '../options/dataOptions.js';
import { withDeviceFlags } from '../options/deviceOptions.js';
import { OBJECTIVE_OPTIONS, withObjectiveFlags } from '../options/objectiveFlags.js';
import { presetOption } from '../options/presetOption.js';
import type { TrainFlags } from '../options/trainFlags.js';
import { UsageError } from '../options/usageError.js';
import { exitCodes, VERDICT_EXITS, verdictNames } from '../options/verdicts.js';

/** Flags that make a run what it is: `--resume` goes on with what was chosen. */
const FIXED = ['z', 'arch', 'preset', 'width', 'batch', 'sampleEvery', 'seed', 'data', 'out', ...OBJECTIVE_OPTIONS];

const HELP = `
Examples:
  node dist/cli train --z 100 --data-dir path/to/mnist --iterations 1000
  node dist/cli train --z 2 --loss wgan-gp --data-dir path/to/mnist
  node dist/cli train --resume runs/20260101-120000-dcgan-z100
  node dist/cli train --resume runs/20260101-120000-dcgan-z100 --iterations 6000

--stop-on ends the process with an exit code of its own: ${exitCodes()}.
Ctrl-C stops at the next iteration with a checkpoint (exit code 130); a second one ends at once.
With --resume, only --iterations, --checkpoint-every, --keep, --data-dir, --diagnose, --classifier, --stop-on, --patience, the device's flags and --json may be given.`;

/** The command with its flags. */
export function trainCommand(): Command {
  const command = withDeviceFlags(createCommand('train'))
    .description('train a GAN, and write its losses, pictures and checkpoints into a run folder')
    .addOption(
      new Option('--z <dimension>', `dimension of the latent variable, 1 to ${MAX_Z_DIM}`)
        .default(100)
        .argParser(integer(1, MAX_Z_DIM)),
    )
    .addOption(
      new Option('--arch <name>', `networks and optimisers (${describePresets('architecture')})`).choices(
        Object.keys(ARCHITECTURES),
      ),
    )
    .addOption(presetOption());
  withObjectiveFlags(command)
    .option(
      '--width <factor>',
      `scales all channel counts, 1 is the published size (${describePresets('width')})`,
      positive(MAX_WIDTH),
    )
    .option('--iterations <count>', `updates of the generator (${describePresets('iterations')})`, integer(1))
    .option('--batch <images>', `images a batch (${describePresets('batch')})`, integer(1, MAX_BATCH))
    .option(
      '--sample-every <iterations>',
      `pictures are drawn this often (${describePresets('sampleEvery')})`,
      integer(1),
    )
    .option(
      '--checkpoint-every <iterations>',
      'checkpoints are written this often (default: as --sample-every)',
      integer(1),
    )
    .option('--keep <count>', 'checkpoints to keep, the newest, or "all" (default: 3)', integerOr('all', integers(1)))
    .option('--seed <text>', 'the same seed on the same device gives the same bits', '1')
    .addOption(dataOption(DATA_KINDS))
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--out <folder>', 'the run folder (default: one in runs/ named after the time)')
    .option('--resume <run>', 'go on with a run from its newest checkpoint, with the same bits as if never stopped')
    .option('--no-tune', 'take fixed kernels instead of measuring which are fastest')
    .option('--eager', 'run kernel by kernel instead of replaying a recording (same bits, slower)')
    .option(
      '--diagnose <samples>',
      `with each set of pictures, look at so many images for collapse, ${LEAST_SAMPLES} to ${MOST_SAMPLES}; 0 for never ` +
        '(default: 1000, where the project has a classifier for the data; stacked images are not looked at)',
      integer(0, MOST_SAMPLES),
    )
    .option('--classifier <file>', 'look by this classifier (default: the one that comes with the project)')
    .option(
      '--stop-on <verdicts>',
      `stop when one of these verdicts stands, between commas: ${Object.keys(VERDICT_EXITS).join(', ')}`,
      verdictNames,
    )
    .option('--patience <looks>', 'looks in a row that must agree before --stop-on stops', integer(1), 2)
    .option('--json', 'tell the result as JSON on stdout, and the progress on stderr')
    .addHelpText('after', HELP);
  return command.action(async (flags: TrainFlags) => {
    const { resumeRun, startRun } = await import('./train.js');
    if (flags.resume === undefined) return startRun(flags);
    const fixed = FIXED.find((name) => command.getOptionValueSource(name) === 'cli');
    if (fixed === undefined) return resumeRun(flags, flags.resume);
    const flag = command.options.find((option) => option.attributeName() === fixed)?.long ?? fixed;
    throw new UsageError(`${flag} cannot be given with --resume: the run goes on as it was begun`);
  });
}
