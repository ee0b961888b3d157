/**
 * @file Runs a command as a child process with a deadline: a request to stop, then the end of its whole process group.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { writeAtomically } from '../../src/files/atomic.js';

/** Lines of output that the ending keeps. */
const KEPT_LINES = 12;

/** Dawn prints these lines on many drivers; they are harmless. */
const NOISE = 'Warning: maxDynamic';

/** A program and its arguments; `node` is the Node.js that runs this. */
export type Argv = readonly [string, ...string[]];

export interface ChildOptions {
  readonly argv: Argv;
  /** Its output is appended to this file. */
  readonly log: string;
  /** What it prints on stdout becomes the content of this file if it ends with exit code 0. */
  readonly stdout?: string | undefined;
  /** Time until it is asked to stop. */
  readonly seconds: number;
  /** Time from the request to stop to SIGKILL. */
  readonly graceSeconds: number;
  /** Asks it to stop before its time. */
  readonly signal?: AbortSignal | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Called with each line of output. */
  readonly onLine?: (line: string) => void;
}

export interface ChildEnding {
  /** `cut`: it was asked to stop, and did not end with exit code 0. */
  readonly outcome: 'finished' | 'failed' | 'cut';
  readonly seconds: number;
  /** Its exit code or signal. */
  readonly reason: string;
  readonly lastLines: readonly string[];
}

/** Runs a command until it ends. A command that cannot be started is a failure, not an exception. */
export function runChild(options: ChildOptions): Promise<ChildEnding> {
  const { seconds, graceSeconds, signal, onLine } = options;
  const [program, ...args] = options.argv;
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  writeSync(log, `$ ${options.argv.join(' ')}\n`);
  const start = performance.now();
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    // A channel, over which nothing is sent: trainings and tests stop when it closes, so none outlives a killed day.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, FORCE_COLOR: '0', ...options.env },
    cwd: options.cwd,
    // A process group of its own, so that what it has started ends with it.
    detached: process.platform !== 'win32',
  });

  let isAsked = false;
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (isAsked) return;
    isAsked = true;
    signalGroup(child, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child, 'SIGKILL'), 1000 * graceSeconds);
  };
  const timer = setTimeout(stop, 1000 * seconds);
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });

  const lastLines: string[] = [];
  const printed: string[] = [];
  const keep = (text: string): void => {
    for (const line of stripVTControlCharacters(text).split(/[\n\r]+/)) {
      if (line.trim() === '' || line.startsWith(NOISE)) continue;
      lastLines.push(line.trimEnd());
      if (lastLines.length > KEPT_LINES) lastLines.shift();
      onLine?.(line.trim());
    }
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      writeSync(log, text);
      if (name === 'stdout' && options.stdout !== undefined) printed.push(text);
      else keep(text);
    });
  }

  return new Promise((resolve) => {
    const end = (isDone: boolean, reason: string): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      signal?.removeEventListener('abort', stop);
      closeSync(log);
      if (isDone && options.stdout !== undefined) writeAtomically(options.stdout, printed.join(''));
      const outcome = isDone ? 'finished' : isAsked ? 'cut' : 'failed';
      resolve({ outcome, seconds: (performance.now() - start) / 1000, reason, lastLines });
    };
    child.once('error', ({ message }) => end(false, message));
    child.once('close', (code, signalName) => {
      if (child.pid === undefined) return;
      end(code === 0, signalName === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signalName}`);
    });
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
