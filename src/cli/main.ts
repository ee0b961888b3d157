/**
 * @file The command line, once {@link file://./index.ts} has seen that it can run.
 *
 * Commands are known without loading what they need (Dawn, the canvas, the charts): they import that when they run, so
 * that `--help` and completion answer at once.
 */
import { inspect } from 'node:util';
import completion from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { classifyCommand } from './classifyCommand.js';
import { compareCommand } from './compareCommand.js';
import { dataCommand } from './dataCommand.js';
import { diagnoseCommand } from './diagnoseCommand.js';
import { doctorCommand } from './doctor.js';
import { interpolateCommand } from './interpolate.js';
import { runsCommand } from './runsCommand.js';
import { sampleCommand } from './sample.js';
import { studyCommand } from './studyCommand.js';
import { timelapseCommand } from './timelapse.js';
import { trainCommand } from './trainCommand.js';
import { UsageError } from './usageError.js';
import { versions } from './versions.js';

const USAGE_ERROR = 2;

function program(): Command {
  const root = new Command('zdim-gan-lab')
    .description('GANs on the GPU from TypeScript: what does the dimension of z do?')
    .version(versions().project)
    .option('--debug', 'show where an error comes from')
    .addCommand(trainCommand())
    .addCommand(sampleCommand())
    .addCommand(interpolateCommand())
    .addCommand(timelapseCommand())
    .addCommand(classifyCommand())
    .addCommand(diagnoseCommand())
    .addCommand(studyCommand())
    .addCommand(compareCommand())
    .addCommand(runsCommand())
    .addCommand(dataCommand())
    .addCommand(doctorCommand());
  completion(root, { completionCommandName: 'completion' });
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({ outputError: (text, write) => write(text.trimEnd().replaceAll('\n', ' ') + '\n') });
  }
  return root;
}

/** Prints an error as one line (with `--debug`, with all it says and where it comes from), and sets the exit code. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
    return;
  }
  const [first = '', ...more] = (error instanceof Error ? error.message : String(error)).split('\n');
  const text = more.length === 0 ? first : `${first} ... (--debug shows the rest)`;
  console.error(`${pc.red('error:')} ${process.argv.includes('--debug') ? inspect(error) : text}`);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}

// Where nobody listens any more (`train | head`, a closed terminal, a full disk under a log), lines go nowhere, and what
// is at work goes on: a training still has its checkpoint to write.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await program().parseAsync();
} catch (error) {
  fail(error);
}
