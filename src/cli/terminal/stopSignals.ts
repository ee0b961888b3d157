/**
 * @file Ctrl-C and its relatives: the first asks to stop at the next chance, a second ends the process at once. A process
 * that was started with a channel to another, as the runs of a study are, is asked to stop when that one is gone, too.
 */
import { constants } from 'node:os';
import { endBy, onParentGone } from './parent.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One request may come twice, from the system to the whole process group and again from a parent that passes it on
 * (`timeout 60 npm start`). In milliseconds; Ctrl-C is passed on by nobody, and always counts.
 */
const SAME_REQUEST = 1_000;

/** Listens for requests to stop from when it is made until {@link release}. */
export class StopSignals {
  private readonly controller = new AbortController();
  private readonly forgetParent: () => void;
  private first: { readonly code: number; readonly at: number } | undefined;

  /** While nothing is to be saved, the first request ends the process too. */
  nothingToSave = true;

  /** While this process has done nothing that would be lost, the end of its parent ends it at once. */
  nothingNew = true;

  /** Tells how a training answers. */
  static ofTraining(say: (line: string) => void): StopSignals {
    const soon = 'stopping at the next iteration, with a checkpoint (once more ends at once)';
    return new StopSignals((end) => say(end === 'soon' ? soon : 'ended at once'));
  }

  /** Tells how a study answers. */
  static ofStudies(say: (line: string) => void): StopSignals {
    return new StopSignals((end) => {
      say(end === 'soon' ? 'stopping, with checkpoints (once more ends at once)' : 'ended at once');
    });
  }

  /** @param tell tells the user that a request was heard; the end is at once, or at the next chance */
  constructor(private readonly tell: (end: 'now' | 'soon') => void) {
    for (const signal of SIGNALS) process.on(signal, this.hear);
    this.forgetParent = onParentGone(() => {
      // Nobody waits for an orphan: it stays only for work that would be lost.
      if (this.nothingNew) endBy('SIGTERM');
      else this.hear('SIGTERM');
    });
  }

  /** Aborted by the first request. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code that a shell gives a process that the signal ended, 130 for Ctrl-C; undefined where none came. */
  get exitCode(): number | undefined {
    return this.first?.code;
  }

  /** Leaves signals to what they do by themselves. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.hear);
    this.forgetParent();
  }

  private readonly hear = (signal: (typeof SIGNALS)[number]): void => {
    const code = 128 + constants.signals[signal];
    if (this.first === undefined && !this.nothingToSave) {
      this.first = { code, at: performance.now() };
      this.controller.abort();
      this.tell('soon');
      return;
    }
    const again = this.first !== undefined && performance.now() - this.first.at < SAME_REQUEST;
    if (again && signal !== 'SIGINT') return;
    this.tell('now');
    endBy(signal);
  };
}
