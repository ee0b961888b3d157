/**
 * @file Trains one run in a process of its own: its messages, its end, and how it is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RunMessage, STOP_MESSAGE } from './messages.js';

/** A program and its first arguments. */
export type Program = readonly [string, ...string[]];

/** The first words of warnings that Dawn prints on many drivers; they are harmless. */
const NOISE = 'Warning: maxDynamic';

export interface ChildEnding {
  /** Whether its exit code is 0. */
  readonly ok: boolean;
  /** Its exit code or signal, and its last line on stderr. */
  readonly description: string;
  /** Its own report of its end; absent if it was killed or crashed. */
  readonly message?: Extract<RunMessage, { type: 'ended' }>;
}

/** A training process. It stops by itself, with a checkpoint, when its channel to this process closes. */
export class ChildTraining {
  readonly ended: Promise<ChildEnding>;
  private readonly child: ChildProcess;
  private lastLine = '';
  private ending: ChildEnding['message'];

  /**
   * @param receive is called with each message
   * @param env is added to this process's environment
   */
  constructor(
    [program, ...words]: Program,
    receive: (message: RunMessage) => void,
    env: Readonly<Record<string, string>> = {},
  ) {
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, FORCE_COLOR: '0', ...env },
    });
    this.child = child;
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (line.trim() !== '' && !line.startsWith(NOISE)) this.lastLine = line.trim();
      });
    }
    child.on('message', (content) => {
      const message = RunMessage.safeParse(content).data;
      if (message?.type === 'ended') this.ending = message;
      else if (message !== undefined) receive(message);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ ok: false, description: message }));
      child.once('close', (code, signal) => {
        const how = signal === null ? `exit code ${code ?? ''}` : `ended by ${signal}`;
        const description = this.lastLine === '' ? how : `${how}: ${this.lastLine}`;
        resolve({ ok: code === 0, description, ...(this.ending === undefined ? {} : { message: this.ending }) });
      });
    });
  }

  /** Asks it to stop at the next iteration, with a checkpoint. */
  stop(): void {
    // It may have ended meanwhile.
    if (this.child.connected) this.child.send(STOP_MESSAGE, () => undefined);
  }
}
