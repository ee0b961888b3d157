/**
 * @file Displays the progress of commands: bars on a terminal, plain lines elsewhere.
 */
import cliProgress from 'cli-progress';
import { rendered } from './print.js';

/** Seconds between plain lines about one row, and before the first. */
const LINE_EVERY = 10;
const FIRST_LINE_AFTER = 2;

/** Seconds between two checks whether a plain line is due. */
const TICK_EVERY = 1;

/** Milliseconds between two drawings of the bars. */
const REDRAW_EVERY = 200;

const BAR_SIZE = 24;

/** The content of a row. */
export interface ProgressStatus {
  /** Current work, such as `reading MNIST`. Another label starts another phase. */
  readonly label: string;
  /** Without a total, the row shows the elapsed time. */
  readonly done?: number;
  readonly total?: number;
  /** Replaces `done/total` after the bar. */
  readonly numbers?: string;
  /** Follows the numbers. */
  readonly detail?: string;
  /** The plain line. Default: label and numbers. @param seconds since the start of the phase */
  readonly line?: (seconds: number) => string;
}

export interface ProgressOptions {
  /** Prints a plain line. */
  readonly print: (line: string) => void;
  readonly isTerminal: boolean;
  /** In milliseconds. */
  readonly now?: () => number;
  /** The terminal. Default: stderr, so that stdout can be piped. */
  readonly stream?: NodeJS.WritableStream;
}

/** Displays the work of a command, a row per parallel activity. */
export class ProgressDisplay {
  private static readonly active = new Set<ProgressDisplay>();

  private readonly rows = new Set<ProgressRow>();
  private bars: cliProgress.MultiBar | undefined;
  private timer: NodeJS.Timeout | undefined;
  private drawn = 0;

  constructor(private readonly options: ProgressOptions) {}

  /** Ends all displays: their timers would keep the process alive. */
  static stopAll(): void {
    for (const display of ProgressDisplay.active) display.stop();
  }

  /** Adds an empty row. */
  row(): ProgressRow {
    const { options } = this;
    const row = new ProgressRow(
      { ...options, now: options.now ?? (() => performance.now()) },
      {
        add: (added) => this.add(added),
        remove: (removed) => this.remove(removed),
        redraw: (isUrgent) => this.redraw(isUrgent),
      },
    );
    return row;
  }

  /** Prints a line above the bars. @param write prints it */
  above(line: string, write: (line: string) => void): void {
    if (this.bars === undefined || this.rows.size === 0) {
      write(line);
      return;
    }
    // The rows below are removed, and redrawn after the line.
    this.takeOff();
    write(line);
    this.putOn();
  }

  /** Removes all rows from the terminal. */
  stop(): void {
    for (const row of [...this.rows]) row.end();
  }

  private add(row: ProgressRow): void {
    this.rows.add(row);
    ProgressDisplay.active.add(this);
    if (this.options.isTerminal) {
      this.takeOff();
      this.putOn();
    } else if (this.timer === undefined) {
      this.timer = setInterval(() => this.rows.forEach((each) => each.tick()), 1000 * TICK_EVERY);
      this.timer.unref();
    }
  }

  private remove(row: ProgressRow): void {
    if (!this.rows.delete(row)) return;
    this.takeOff();
    if (this.rows.size > 0) {
      this.putOn();
      return;
    }
    clearInterval(this.timer);
    this.timer = undefined;
    ProgressDisplay.active.delete(this);
  }

  private takeOff(): void {
    this.bars?.stop();
    this.bars = undefined;
  }

  private putOn(): void {
    if (!this.options.isTerminal) return;
    this.bars = new cliProgress.MultiBar({
      format: (_options, _params, payload: unknown) =>
        payload instanceof ProgressRow ? rendered('stderr', payload.text) : '',
      stream: this.options.stream ?? process.stderr,
      clearOnComplete: true,
      // A process that a signal ends would leave the cursor hidden.
      hideCursor: false,
      linewrap: true,
      fps: 1000 / REDRAW_EVERY,
    });
    for (const row of this.rows) this.bars.create(1, 0, row);
    this.redraw(true);
  }

  /** Draws at once, for work that blocks timers. */
  private redraw(isUrgent: boolean): void {
    const now = Date.now();
    if (this.bars === undefined || (!isUrgent && now - this.drawn < REDRAW_EVERY)) return;
    this.drawn = now;
    this.bars.update();
  }
}

interface RowOwner {
  readonly add: (row: ProgressRow) => void;
  readonly remove: (row: ProgressRow) => void;
  readonly redraw: (isUrgent: boolean) => void;
}

/** One row of a display. */
export class ProgressRow {
  private status: ProgressStatus | undefined;
  private phaseStart = 0;
  /** Time of the last plain line, of this phase and of any. */
  private lastOfPhase: number | undefined;
  private last: number;

  constructor(
    private readonly options: ProgressOptions & { readonly now: () => number },
    private readonly owner: RowOwner,
  ) {
    this.last = options.now();
  }

  /** Displays a status. */
  show(status: ProgressStatus): void {
    const before = this.status;
    const isNewPhase = before?.label !== status.label;
    this.status = status;
    if (isNewPhase) {
      this.phaseStart = this.options.now();
      this.lastOfPhase = undefined;
    }
    if (before === undefined) this.owner.add(this);
    this.owner.redraw(isNewPhase);
    if (!this.options.isTerminal) this.tick();
  }

  /** Prints the plain line now, unless on a terminal. */
  printLine(): void {
    if (this.status === undefined || this.options.isTerminal) return;
    this.lastOfPhase = this.last = this.options.now();
    this.options.print(plainLine(this.status, this.seconds));
  }

  /** Prints the plain line if one is due. */
  tick(): void {
    if (this.options.isTerminal) return;
    const now = this.options.now();
    const [every, first] = [1000 * LINE_EVERY, 1000 * FIRST_LINE_AFTER];
    // A long phase gets a line soon; many short phases get no more lines than one long phase.
    const isFirst = this.lastOfPhase === undefined && now - this.phaseStart >= first && now - this.last >= first;
    if (isFirst || now - this.last >= every) this.printLine();
  }

  /** Removes the row. */
  end(): void {
    if (this.status === undefined) return;
    this.status = undefined;
    this.owner.remove(this);
  }

  /** The row as a terminal shows it. */
  get text(): string {
    return this.status === undefined ? '' : terminalLine(this.status, this.seconds);
  }

  private get seconds(): number {
    return (this.options.now() - this.phaseStart) / 1000;
  }
}

/** @param seconds since the start of the phase */
function terminalLine({ label, done = 0, total, numbers, detail = '' }: ProgressStatus, seconds: number): string {
  const known = numbers ?? `${done}/${total ?? ''}`;
  if (total === undefined) return [label, numbers, detail, duration(seconds)].filter(Boolean).join('  ');
  const filled = Math.round(BAR_SIZE * Math.min(1, total === 0 ? 1 : done / total));
  return `${label} ${'█'.repeat(filled)}${'░'.repeat(BAR_SIZE - filled)} ${known}  ${detail}`.trimEnd();
}

function plainLine({ label, done = 0, total, numbers, detail = '', line }: ProgressStatus, seconds: number): string {
  if (line !== undefined) return line(seconds).trimEnd();
  if (total === undefined) return [`${label} ...`, numbers, detail, duration(seconds)].filter(Boolean).join('  ');
  return `${label}: ${numbers ?? `${done}/${total}`}  ${detail}`.trimEnd();
}

/** 3725 → `1 h 2 min`, 125 → `2 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}
