/**
 * @file Runs the command line in the test's own process: no start of Node, no compilation, and the modules stay loaded.
 * Use a process (test/cli/run.ts) only to test what a process does: exit by signal, streams, handles, terminals.
 */
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.js';
import { setSink } from '../../src/cli/terminal/print.js';

/** The built program, as users start it. The runner builds it before the tests. */
export const BUILT_PROGRAM = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url));

/** Result of a command. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let running = false;

/**
 * Runs a command by calling the program's `main`, with its output captured.
 *
 * Environment variables in `env` are set while the command runs; `undefined` unsets one. Commands must run one after the
 * other, because output, environment and exit code belong to the process.
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<CommandResult> {
  if (running) throw new Error('a command is still running in this process; await it first');
  running = true;
  const output = { stdout: '', stderr: '' };
  const [program, exitCode] = [process.argv[1], process.exitCode];
  const restoreEnvironment = setEnvironment({ NO_COLOR: '1', ...env });
  setSink((name, text) => (output[name] += text));
  process.argv[1] = BUILT_PROGRAM;
  process.exitCode = undefined;
  try {
    await main(args);
    return { code: Number(process.exitCode) || 0, ...output };
  } finally {
    process.exitCode = exitCode;
    if (program !== undefined) process.argv[1] = program;
    setSink(undefined);
    restoreEnvironment();
    running = false;
  }
}

/** @returns a function that restores the variables as they were */
function setEnvironment(changes: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  const assign = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(changes)) assign(name, value);
  return () => {
    for (const [name, value] of before) assign(name, value);
  };
}
