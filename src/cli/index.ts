#!/usr/bin/env node
/**
 * @file The command line. Exit codes: 0 done, 1 failed, 2 the command was not understood.
 */
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { doctorCommand } from './doctor.js';
import { trainCommand } from './train.js';
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

const root = program();
try {
  await root.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
  } else {
    const debug = root.opts<{ debug?: boolean }>().debug === true;
    const text = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
    console.error(`${pc.red('error:')} ${text ?? ''}`);
    process.exitCode = 1;
  }
}
