/**
 * @file The training of one run as a process of its own: what it says, how it ends, and how it is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A command line: the program, and its first arguments. */
export type CommandLine = readonly [string, ...string[]];

/** Dawn says so on many drivers, whatever it is asked. */
const NOISE = 'Warning: maxDynamic';

export interface ChildEnding {
  /** Whether it ended as a process should that did what it was told. */
  readonly ok: boolean;
  /** How it ended, for people: its exit code or signal, and its last words. */
  readonly told: string;
}

/**
 * A child process. It is connected by a channel, over which nothing is sent: a process that trains stops, with a
 * checkpoint, when the one that started it is gone.
 */
export class ChildTraining {
  readonly ended: Promise<ChildEnding>;
  private readonly child: ChildProcess;
  private lastLine = '';

  /**
   * @param tell is told each line of progress
   * @param env what its environment has besides this process's
   */
  constructor(
    [program, ...words]: CommandLine,
    tell: (line: string) => void,
    env: Readonly<Record<string, string>> = {},
  ) {
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Its lines are read here, and printed with colours of this process's own.
      env: { ...process.env, FORCE_COLOR: '0', ...env },
    });
    this.child = child;
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (line.trim() === '' || line.startsWith(NOISE)) return;
        this.lastLine = line.trim();
        tell(line);
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ ok: false, told: message }));
      child.once('close', (code, signal) => {
        const how = signal === null ? `exit code ${code ?? ''}` : `ended by ${signal}`;
        resolve({ ok: code === 0, told: this.lastLine === '' ? how : `${how}: ${this.lastLine}` });
      });
    });
  }

  /**
   * Asks it to stop at the next iteration, with a checkpoint. Not by the signal of Ctrl-C, which a terminal sends to the
   * children as well, and which ends a process at once that hears it twice.
   */
  stop(): void {
    this.child.kill('SIGTERM');
  }
}

/** A line of progress such as `480/1200  14.1 it/s  …`. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly rest: string;
}

/** @returns undefined for a line that tells something else */
export function parseProgress(line: string): Progress | undefined {
  const [, done, total, rest] = /^(\d+)\/(\d+)\s+(\S.*)$/.exec(line) ?? [];
  if (done === undefined || total === undefined || rest === undefined) return undefined;
  return { done: Number(done), total: Number(total), rest };
}
