/**
 * @file Ctrl-C and its relatives: the first asks to stop at the next chance, a second ends the process at once.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens for requests to stop from when it is made until {@link release}. */
export class StopSignals {
  private readonly controller = new AbortController();
  private code: number | undefined;

  /** While nothing is to be saved, the first request ends the process too. */
  nothingToSave = true;

  /** @param onStop tells the user that the first request was heard */
  constructor(private readonly onStop: () => void) {
    for (const signal of SIGNALS) process.on(signal, this.hear);
  }

  /** Aborted by the first request. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code that a shell gives a process that the signal ended, 130 for Ctrl-C; undefined where none came. */
  get exitCode(): number | undefined {
    return this.code;
  }

  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.hear);
  }

  private readonly hear = (signal: (typeof SIGNALS)[number]): void => {
    const again = this.code !== undefined;
    this.code = 128 + constants.signals[signal];
    if (again || this.nothingToSave) process.exit(this.code);
    this.controller.abort();
    this.onStop();
  };
}
