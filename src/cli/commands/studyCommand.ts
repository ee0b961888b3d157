/**
 * @file `study` as commander knows it: flags, their defaults and their help.
 */
import { type Command, createCommand, InvalidArgumentError, Option } from 'commander';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { MAX_BATCH, MAX_WIDTH, MAX_Z_DIM } from '../../gan/settings.js';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import { MOST_SEEDS } from '../../study/plan/studyDescription.js';
import { SAMPLES, Z_DIMS } from '../../study/plan/studyPlan.js';
import { describePresets } from '../../training/run/presets.js';
import { REFERENCE_DEVICE } from '../../training/run/timeLeft.js';
import { integer, positive } from '../options/arguments.js';
import { GREY_KINDS } from '../options/dataOptions.js';
import { withDeviceFlags } from '../options/deviceOptions.js';
import { withObjectiveFlags } from '../options/objectiveFlags.js';
import { presetOption } from '../options/presetOption.js';
import type { StudyFlags } from '../options/studyFlags.js';

/** More runs of one study at a time than any device has use for. */
const MOST_JOBS = 64;

const HELP = `
Examples:
  node dist/cli study --z 100,50,10,2,1 --seeds 3 --preset standard --data-dir path/to/mnist
  node dist/cli study --z 2 --loss wgan-gp --out studies/wgan-gp
  node dist/cli study --preset article --data mnist --out studies/article
  node dist/cli study --out studies/article                 # goes on with it
  node dist/cli study --out studies/article --only-report   # draws anew

Before it begins, the number of runs is told, and an estimate of the time, on ${REFERENCE_DEVICE}; on a terminal, it asks.
Ctrl-C stops all runs with checkpoints (exit code 130); --out FOLDER goes on, with --data-dir where the images have moved,
and the last line names both. Only the images that the study was begun with are taken. A run that diverges is recorded as
such; one that fails is tried again the next time (exit code 1). A run whose files are damaged is told, in the report as
well, and the others are measured and drawn (exit code 1); moved away, it is trained anew.`;

/** Dimensions between commas. */
function parseZDims(text: string): number[] {
  const parse = integer(1, MAX_Z_DIM);
  try {
    const zDims = text.split(',').map(parse);
    if (new Set(zDims).size === zDims.length) return zDims;
  } catch {
    // Said below, with the commas.
  }
  throw new InvalidArgumentError(
    `It takes different integers from 1 to ${MAX_Z_DIM} between commas, such as 100,10,2.`,
  );
}

/** Adds the flags that all have which conduct studies. */
export function withStudyFlags(
  command: Command,
  { zDims, out }: { readonly zDims: readonly number[]; readonly out: string },
): Command {
  const values = describePresets;
  return command
    .addOption(presetOption())
    .option('--z <dimensions>', `between commas, each 1 to ${MAX_Z_DIM} (default: ${zDims.join(',')})`, parseZDims)
    .option('--seeds <count>', `runs of each dimension (${values('seeds')})`, integer(1, MOST_SEEDS))
    .addOption(
      new Option('--arch <name>', `networks and optimisers (${values('architecture')})`).choices(
        Object.keys(ARCHITECTURES),
      ),
    )
    .option('--width <factor>', `scales all channel counts (${values('width')})`, positive(MAX_WIDTH))
    .option('--iterations <count>', `updates of the generator in each run (${values('iterations')})`, integer(1))
    .option('--batch <images>', `images a batch (${values('batch')})`, integer(1, MAX_BATCH))
    .option(
      '--sample-every <iterations>',
      `pictures and checkpoints come this often (${values('sampleEvery')})`,
      integer(1),
    )
    .option(
      '--samples <count>',
      `images that a finished run is measured by (default: ${SAMPLES})`,
      integer(LEAST_SAMPLES, MOST_SAMPLES),
    )
    .addOption(new Option('--data <kind>', 'what to train on, as for train (default: auto)').choices(GREY_KINDS))
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--out <folder>', out)
    .addOption(new Option('--jobs <runs>', 'runs at a time').default(1).argParser(integer(1, MOST_JOBS)))
    .option('--only-report', 'train and measure nothing: draw the report anew, from what there is')
    .option('--yes', 'begin without asking; only a terminal is asked')
    .option('--no-tune', 'take fixed kernels instead of measuring which are fastest')
    .option('--json', 'tell the result as JSON on stdout, and the progress on stderr');
}

/** The command with its flags. */
export function studyCommand(): Command {
  const command = withDeviceFlags(createCommand('study')).description(
    'train a GAN at each of several dimensions of z, measure all, and report what the dimension does',
  );
  withStudyFlags(command, {
    zDims: Z_DIMS,
    out: "the study's folder, new or to go on with (default: one in studies/ named after the time)",
  });
  withObjectiveFlags(command).addHelpText('after', HELP);
  return command.action(async (flags: StudyFlags) => {
    const { runStudy } = await import('./study.js');
    return runStudy(flags);
  });
}
