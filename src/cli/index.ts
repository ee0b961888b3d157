#!/usr/bin/env node
/**
 * @file The command line. Exit codes: 0 done, 1 failed, 2 the command was not understood.
 */
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { doctorCommand } from './doctor.js';
import { trainCommand } from './train.js';
import { UsageError } from './usageError.js';
import { versions } from './versions.js';

const USAGE_ERROR = 2;

function program(): Command {
  const root = new Command('zdim-gan-lab')
    .description('GANs on the GPU from TypeScript: what does the dimension of z do?')
    .version(versions().project)
    .option('--debug', 'show where an error comes from')
    .addCommand(trainCommand())
    .addCommand(doctorCommand());
  for (const command of [root, ...root.commands]) {
    command.exitOverride().showSuggestionAfterError().configureHelp({ showGlobalOptions: true });
  }
  return root;
}

/** Prints an error as one line (with `--debug`, with its stack), and sets the exit code. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
    return;
  }
  const debug = process.argv.includes('--debug');
  const text = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
  console.error(`${pc.red('error:')} ${text ?? ''}`);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}

// `train | head` closes the pipe: training goes on, and its lines go nowhere.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  fail(error);
}
