/**
 * @file `runs` as commander knows it.
 */
import { type Command, createCommand } from 'commander';
import { Output } from '../terminal/output.js';

/** The command. */
export function runsCommand(): Command {
  return createCommand('runs')
    .description('list the runs in a folder')
    .argument('[folder]', 'holds run folders', 'runs')
    .option('--json', 'as JSON on stdout')
    .addHelpText('after', '\nExample:\n  node dist/cli runs runs')
    .action(async (folder: string, flags: { json?: boolean }) => {
      const { listRuns } = await import('./runs.js');
      listRuns(folder, new Output(flags.json === true));
    });
}
