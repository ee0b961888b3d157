/**
 * @file Defines the command line: its commands, its help, and how errors are printed.
 *
 * Commands import what they need (Dawn, the canvas, the charts) when they run, so that `--help` and completion are fast.
 */
import { inspect } from 'node:util';
import completion from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { commandLine } from '../host/node/commandLine.js';
import { versions } from '../host/node/versions.js';
import { classifyCommand } from './commands/classify/classify.js';
import { compareCommand } from './commands/compare.js';
import { dataCommand } from './commands/data.js';
import { diagnoseCommand } from './commands/diagnose.js';
import { doctorCommand } from './commands/doctor.js';
import { interpolateCommand } from './commands/pictures/interpolate.js';
import { runsCommand } from './commands/runs.js';
import { sampleCommand } from './commands/pictures/sample.js';
import { studyCommand } from './commands/study.js';
import { timelapseCommand } from './commands/timelapse.js';
import { trainCommand } from './commands/train.js';
import { METHOD_SETTINGS } from './options/method.js';
import { explainUnknownFlags } from './options/unknownFlags.js';
import { UsageError } from './options/usageError.js';
import { tellParent } from './terminal/parent.js';
import { printLines, printResult } from './terminal/print.js';
import { ProgressDisplay } from './terminal/progress.js';
import { style } from './terminal/style.js';

const USAGE_ERROR = 2;

function program(): Command {
  const root = new Command('zdim-gan-lab')
    .description('train GANs on the GPU, and study the effect of the dimension of z')
    .version(versions().project)
    .option('--debug', 'print the stack of an error')
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
    explainUnknownFlags(command, command.name() === 'compare' ? METHOD_SETTINGS : []);
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => printResult(linesOf(asStarted(text))),
        writeErr: (text) => printLines('stderr', linesOf(text)),
        outputError: (text) => printLines('stderr', [oneLine(text)]),
      });
  }
  return root;
}

/** Help names the program as it was started; from its sources it cannot be started by Node alone. */
function asStarted(help: string): string {
  const line = commandLine([]);
  return line.endsWith('.ts') ? help : help.replaceAll('node dist/cli', () => line);
}

/** Splits a text into lines; a final line feed is optional. */
function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Joins an error and commander's suggestion, which is on a line of its own. */
function oneLine(text: string): string {
  return text.trimEnd().replace(/\n(?=\()/, ' ');
}

/** Prints an error as one line, or with `--debug` in full with its stack. Sets the exit code. */
function fail(error: unknown, isDebug: boolean): void {
  if (error instanceof CommanderError) {
    // Help that could not be written has set its own exit code.
    const isSet = process.exitCode !== undefined && process.exitCode !== 0;
    if (error.exitCode !== 0 && !isSet) process.exitCode = USAGE_ERROR;
    return;
  }
  // Dawn indents the lines that it adds; any other line feed belongs to a name.
  const [first = '', ...more] = (error instanceof Error ? error.message : String(error)).split(/\n(?=\s|$)/);
  const text = more.length === 0 ? first : `${first} ... (--debug shows the rest)`;
  const [head = '', ...rest] = isDebug ? linesOf(inspect(error)) : [text];
  tellParent({ type: 'ended', outcome: 'failed', error: text });
  printLines('stderr', [`${style.red('error:')} ${head}`, ...rest]);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}

/**
 * Runs a command. Prints errors and sets `process.exitCode`; throws nothing.
 *
 * @param args the words behind the program's name
 */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    ProgressDisplay.stopAll();
    fail(error, args.includes('--debug'));
  } finally {
    ProgressDisplay.stopAll();
  }
}
