/**
 * @file `diagnose` as commander knows it.
 */
import { type Command, createCommand } from 'commander';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { integer } from '../options/arguments.js';
import { dataOption, type DataKind } from '../options/dataOptions.js';
import { type DeviceFlags, withDeviceFlags } from '../options/deviceOptions.js';

export interface DiagnoseFlags extends DeviceFlags {
  readonly samples: number;
  readonly iteration?: number;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly classifier?: string;
  readonly json?: boolean;
}

/** The command. */
export function diagnoseCommand(): Command {
  return withDeviceFlags(createCommand('diagnose'))
    .description('tell whether a generator has collapsed, by many samples of a checkpoint and no pictures')
    .argument('<run>', "a run's folder, or a checkpoint")
    .option('--iteration <number>', "which of the run's checkpoints (default: the newest)", integer(0))
    .option(
      '--samples <images>',
      `images to judge by, ${LEAST_SAMPLES} to ${MOST_SAMPLES}`,
      integer(LEAST_SAMPLES, MOST_SAMPLES),
      MOST_SAMPLES,
    )
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files (default: where the run found them)')
    .option('--classifier <file>', 'judge by this classifier (default: the one that comes with the project)')
    .option('--json', 'tell the diagnosis as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli diagnose runs/my-run' +
        '\n  node dist/cli diagnose runs/my-run/checkpoints/003000.safetensors --data mnist --samples 2000' +
        '\n\nEach number is explained in docs/metrics.md.',
    )
    .action(async (path: string, flags: DiagnoseFlags) => {
      const { diagnose } = await import('./diagnose.js');
      await diagnose(path, flags);
    });
}
