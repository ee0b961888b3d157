/**
 * @file Progress bars on stderr, whose values may come from outside.
 */
import cliProgress from 'cli-progress';
import { rendered } from './print.js';
import { escapeText } from './style.js';

interface BarOptions extends Omit<cliProgress.Options, 'format'> {
  /** With places for values: `{bar} {value}/{total} {name}`. */
  readonly format: string;
}

/** Fills the places of a format with values that are written out as one line. */
function safely({ format, ...options }: BarOptions): cliProgress.Options {
  return {
    hideCursor: true,
    ...options,
    format: (all, params, payload: Readonly<Record<string, unknown>>) => {
      const values = Object.entries(payload).map(([name, value]) => [name, escapeText(String(value))] as const);
      return cliProgress.Format.Formatter({ ...all, format }, params, Object.fromEntries(values));
    },
  };
}

/** A bar; it is drawn once it is started. */
export function progressBar(options: BarOptions): cliProgress.SingleBar {
  return new cliProgress.SingleBar(safely(options), cliProgress.Presets.shades_classic);
}

/** Several bars, a line each, with messages above them. */
export class ProgressBars {
  private readonly bars: cliProgress.MultiBar;

  constructor(options: BarOptions) {
    this.bars = new cliProgress.MultiBar(safely(options), cliProgress.Presets.shades_classic);
  }

  /** Adds a bar. */
  add(total: number, done: number, values: Readonly<Record<string, string>>): cliProgress.SingleBar {
    return this.bars.create(total, done, values);
  }

  /** Prints a line above the bars. */
  log(line: string): void {
    this.bars.log(`${rendered('stderr', line)}\n`);
  }

  /** Gives the terminal back. */
  stop(): void {
    this.bars.stop();
  }
}
