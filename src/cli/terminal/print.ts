/**
 * @file Writes to stdout and stderr: the only place that does. Escapes control characters of external texts (files, names,
 * arguments, other programs).
 */
import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { escapeJsonControls } from '../../data/printable.js';
import { explainSystemError, systemCode } from '../../files/errors.js';
import { renderLine, style } from './style.js';

type StreamName = 'stdout' | 'stderr';

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** Errors of a closed reader (`| head`, a closed terminal), which are not reported. */
const READER_GONE = ['EPIPE', 'EIO', 'ECONNRESET'];

/** Whether stderr is a terminal, where progress redraws its lines. */
export function isTerminal(): boolean {
  return process.stderr.isTTY;
}

/**
 * Whether a stream gets colours: by default a terminal does. `NO_COLOR` turns them off; otherwise `FORCE_COLOR` turns them
 * off if it is `0` or `false`, and on if it is anything else.
 */
export function hasColours(name: StreamName, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: terminal } = env;
  if (none !== '') return false;
  if (forced !== '') return forced !== '0' && forced.toLowerCase() !== 'false';
  return isatty(DESCRIPTORS[name]) && terminal !== 'dumb';
}

/** Renders a line for a stream, without a line feed. */
export function rendered(name: StreamName, line: string): string {
  return renderLine(line, hasColours(name));
}

/** Prints messages, a line each. Ignores errors of writing: the work continues. */
export function printLines(name: StreamName, lines: readonly string[]): void {
  write(name, textOf(name, lines), () => undefined);
}

/** Prints a text of this program's own escape sequences, such as a picture, as it is. */
export function printSequences(text: string): void {
  write('stdout', text, () => undefined);
}

/** Prints lines of a command's result. The command fails if they cannot be written. */
export function printResult(lines: readonly string[]): void {
  write('stdout', textOf('stdout', lines), reportFailure);
}

/** Prints a command's result as JSON. The command fails if it cannot be written. */
export function printJson(value: unknown): void {
  write('stdout', `${escapeJsonControls(JSON.stringify(value, null, 2))}\n`, reportFailure);
}

/** Prints a question on stderr, without a line feed. */
export function printQuestion(text: string): void {
  write('stderr', rendered('stderr', text), () => undefined);
}

/** Handles errors of the streams, which would end the process otherwise. Call it once, first. */
export function handleStreamErrors(): void {
  // The completion script, which a dependency prints, is a result as well.
  process.stdout.on('error', reportFailure);
  process.stderr.on('error', () => undefined);
}

/** Receives what would be written to a stream. */
export type Sink = (name: StreamName, text: string) => void;

let sink: Sink | undefined;

/** Sends all output to a sink instead of the streams, for a program that runs commands in its own process; undefined ends that. */
export function setSink(to: Sink | undefined): void {
  sink = to;
}

function textOf(name: StreamName, lines: readonly string[]): string {
  return lines.map((line) => `${rendered(name, line)}\n`).join('');
}

/** Reports a result that cannot be written, once. Sets exit code 1 unless another failure has set one. */
function reportFailure(error: Error): void {
  const code = systemCode(error);
  if (hasFailed || code === undefined || READER_GONE.includes(code)) return;
  hasFailed = true;
  // A command may still set another code, such as that of a verdict.
  process.exitCode = process.exitCode === undefined || process.exitCode === 0 ? 1 : process.exitCode;
  const reason = explainSystemError(error);
  printLines('stderr', [`${style.red('error:')} cannot write the result to standard output: ${reason}`]);
}

let hasFailed = false;

function write(name: StreamName, text: string, failed: (error: Error) => void): void {
  if (sink !== undefined) {
    sink(name, text);
    return;
  }
  if (!isFile(name)) {
    process[name].write(text, (error) => {
      if (error instanceof Error) failed(error);
    });
    return;
  }
  // Node's stream refuses further writes after a failed one: a lost message must not prevent the result.
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(DESCRIPTORS[name], bytes, written);
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Whether a stream is a file or a device such as /dev/full, and not a terminal, pipe or socket. */
function isFile(name: StreamName): boolean {
  try {
    const found = fstatSync(DESCRIPTORS[name]);
    return found.isFile() || (found.isCharacterDevice() && !isatty(DESCRIPTORS[name]));
  } catch {
    return false;
  }
}
