/**
 * @file The one place where the command line writes to stdout and stderr. What came from outside (files, names, arguments,
 * other programs) cannot reach the terminal as a control sequence, whoever prints it.
 */
import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { escapeJsonControls } from '../../data/printable.js';
import { explainSystemError, systemCode } from '../../files/errors.js';
import { renderLine, style } from './style.js';

type StreamName = 'stdout' | 'stderr';

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** Errors of a reader that is gone (`| head`, a closed terminal): nobody is there to be told. */
const READER_GONE = ['EPIPE', 'EIO', 'ECONNRESET'];

/** Whether progress may redraw its lines, which it does on stderr. */
export function isTerminal(): boolean {
  return process.stderr.isTTY;
}

/**
 * Whether a stream gets colours: a terminal does. `NO_COLOR` turns them off everywhere, then `FORCE_COLOR` decides: `0` and
 * `false` turn them off, everything else on.
 */
export function hasColours(name: StreamName, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: terminal } = env;
  if (none !== '') return false;
  if (forced !== '') return forced !== '0' && forced.toLowerCase() !== 'false';
  return isatty(DESCRIPTORS[name]) && terminal !== 'dumb';
}

/** A line as it appears on a stream, without its end. */
export function rendered(name: StreamName, line: string): string {
  return renderLine(line, hasColours(name));
}

/** Prints messages, a line each. Where they cannot be written they are lost: what is at work goes on. */
export function printLines(name: StreamName, lines: readonly string[]): void {
  write(name, textOf(name, lines), () => undefined);
}

/** Prints a command's result, a line each. Where it cannot be written, the command has failed. */
export function printResult(lines: readonly string[]): void {
  write('stdout', textOf('stdout', lines), reportFailure);
}

/** Prints a command's result as JSON. Where it cannot be written, the command has failed. */
export function printJson(value: unknown): void {
  write('stdout', `${escapeJsonControls(JSON.stringify(value, null, 2))}\n`, reportFailure);
}

/** Prints a question on stderr, without a line's end. */
export function printQuestion(text: string): void {
  write('stderr', rendered('stderr', text), () => undefined);
}

/** Errors of streams, which would end the process, are handled here. To be called once, first. */
export function handleStreamErrors(): void {
  // What others print, such as the completion script, is a result as well.
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

/** Sets exit code 1, unless another tells of a failure already, and says so, once. */
function reportFailure(error: Error): void {
  const code = systemCode(error);
  if (hasFailed || code === undefined || READER_GONE.includes(code)) return;
  hasFailed = true;
  // Of a code that is not set yet, as an end by a verdict is, the command decides.
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
  // Not by Node's stream, which after one failed write takes no other: a message that is lost must not take the result along.
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(DESCRIPTORS[name], bytes, written);
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Whether a stream is a file or a device such as /dev/full, and no terminal, pipe or socket. */
function isFile(name: StreamName): boolean {
  try {
    const found = fstatSync(DESCRIPTORS[name]);
    return found.isFile() || (found.isCharacterDevice() && !isatty(DESCRIPTORS[name]));
  } catch {
    return false;
  }
}
