/**
 * @file Handles Ctrl-C and other requests to stop: the first stops at the next iteration, a second ends the process at once.
 * The parent of a process, such as a study, may ask for a stop as well; its end is a request, too.
 */
import { constants } from 'node:os';
import { endBy, onParent } from './parent.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Milliseconds in which a second request counts as the first: the system sends it to the whole process group, and a parent
 * may pass it on (`timeout 60 npm start`). Ctrl-C always counts.
 */
const SAME_REQUEST = 1_000;

/** Listens for requests to stop until {@link release}. */
export class StopSignals {
  private readonly controller = new AbortController();
  private readonly releaseParent: () => void;
  private first: { readonly code: number; readonly at: number } | undefined;

  /** If nothing is to be saved, the first request ends the process at once. */
  nothingToSave = true;

  /** If nothing would be lost, the end of the parent ends this process at once. */
  nothingNew = true;

  /** Prints how a training responds. */
  static ofTraining(say: (line: string) => void): StopSignals {
    const soon = 'stopping at the next iteration, with a checkpoint (a second request ends at once)';
    return new StopSignals((end) => say(end === 'soon' ? soon : 'ended at once'));
  }

  /** Prints how a study responds. */
  static ofStudies(say: (line: string) => void): StopSignals {
    return new StopSignals((end) => {
      say(end === 'soon' ? 'stopping, with checkpoints (a second request ends at once)' : 'ended at once');
    });
  }

  /** @param tell informs the user of a request: the process ends now, or soon */
  constructor(private readonly tell: (end: 'now' | 'soon') => void) {
    for (const signal of SIGNALS) process.on(signal, this.hear);
    this.releaseParent = onParent({
      // An orphan stays only for work that would be lost.
      gone: () => (this.nothingNew ? endBy('SIGTERM') : this.hear('SIGTERM')),
      stop: () => this.hear('SIGTERM'),
    });
  }

  /** Aborted by the first request. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code of a process that the signal ends, 130 for Ctrl-C; undefined without a request. */
  get exitCode(): number | undefined {
    return this.first?.code;
  }

  /** Restores the default behaviour of signals. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.hear);
    this.releaseParent();
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
