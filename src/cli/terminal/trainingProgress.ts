/**
 * @file How a training shows its progress: the iterations, what happens between them, and the time that all of it takes.
 */
import {
  type FirstTimes,
  secondsLeft,
  type TrainingPlan,
  type TrainingPosition,
  type WorkKind,
  workLeft,
  type WorkTimes,
} from '../../training/run/timeLeft.js';
import type { RunPhase } from '../../training/gan/ganRun.js';
import { duration, type ProgressRow, type ProgressStatus } from './progress.js';

/** Weight of the past in the smoothed time of an iteration, and of what comes less often. */
const SMOOTHING = 0.9;
const SELDOM_SMOOTHING = 0.5;

const LABELS: Readonly<Record<RunPhase, string>> = {
  pictures: 'drawing',
  preparation: 'preparing the evaluation',
  evaluation: 'evaluating',
  checkpoint: 'saving',
};

export interface TrainingProgressOptions {
  /** Iterations done before. */
  readonly done: number;
  readonly plan: TrainingPlan;
  /** Estimates what is not measured yet, from the seconds of an iteration; of those, undefined before the first. */
  readonly first: (iteration: number | undefined) => FirstTimes;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** Follows one training. */
export class TrainingProgress {
  private readonly now: () => number;
  private position: TrainingPosition;
  /** Whether the first iterations are done: they wait for the driver to compile kernels, and do not count. */
  private started = false;
  private isPrepared = false;
  private lastTime: number;
  private times: WorkTimes = {};
  private phaseNow: { readonly phase: RunPhase; readonly since: number; readonly step: string } | undefined;
  private losses = '';
  private note = '';

  constructor(
    private readonly row: ProgressRow,
    private readonly options: TrainingProgressOptions,
  ) {
    const { done } = options;
    this.now = options.now ?? (() => performance.now());
    this.lastTime = this.now();
    this.position = { iteration: done, sampled: done, saved: done };
  }

  /** Something is done before the first iteration: `compiling kernels`. @param detail how far it is */
  before(label: string, detail = ''): void {
    const { iteration } = this.position;
    const { iterations } = this.options.plan;
    const line = (seconds: number): string => `${iteration}/${iterations}  ${label} ${detail || duration(seconds)}`;
    this.row.show({ label, detail, line });
  }

  /** @param done iterations done, of which `count` are the last; `losses` tells how it goes */
  update(done: number, count: number, losses: string): void {
    const now = this.now();
    if (this.started) this.measured('iteration', (now - this.lastTime) / 1000 / count, SMOOTHING);
    this.started = true;
    this.lastTime = now;
    this.losses = losses;
    this.position = { ...this.position, iteration: done };
    this.show();
    if (done === this.options.plan.iterations) this.row.printLine();
  }

  /** Work between the iterations begins or advances. */
  phase(phase: RunPhase, step: string, done: number, total: number): void {
    const since = this.phaseNow?.phase === phase ? this.phaseNow.since : this.now();
    const percent = done === 0 || total <= 1 ? '' : ` ${Math.floor((100 * done) / total)} %`;
    this.phaseNow = { phase, since, step: `${step}${percent}` };
    this.show();
  }

  /** Its time is not that of iterations. */
  phaseEnded(phase: RunPhase): void {
    const now = this.now();
    const since = this.phaseNow?.phase === phase ? this.phaseNow.since : now;
    const { iteration } = this.position;
    if (phase === 'preparation') this.isPrepared = true;
    else this.measured(phase, (now - since) / 1000, SELDOM_SMOOTHING);
    // Pictures come first, then the evaluation, which is the end of it where there is one.
    const isLast = this.options.plan.samples === 0 ? phase === 'pictures' : phase === 'evaluation';
    if (isLast) this.position = { ...this.position, sampled: iteration };
    if (phase === 'checkpoint') this.position = { ...this.position, saved: iteration };
    this.phaseNow = undefined;
    this.lastTime = now;
    this.show();
  }

  /** Shows a note from now on, such as a verdict. */
  tell(note: string): void {
    this.note = note;
    this.show();
  }

  /** Seconds until all is done; undefined while nothing is measured. */
  get secondsLeft(): number | undefined {
    const { plan } = this.options;
    const first = this.options.first(this.times.iteration);
    const times = { ...first.times, ...this.times };
    const preparation = this.isPrepared ? 0 : first.preparation;
    const work = workLeft(plan, this.position);
    const all = secondsLeft(work, times, preparation);
    if (all === undefined || this.phaseNow === undefined) return all;
    const { phase, since } = this.phaseNow;
    const expected = phase === 'preparation' ? preparation : (times[phase] ?? 0);
    return Math.max(0, all - Math.min(expected, (this.now() - since) / 1000));
  }

  /** Takes the row off the display. */
  stop(): void {
    this.row.end();
  }

  private measured(kind: WorkKind, seconds: number, smoothing: number): void {
    const before = this.times[kind];
    this.times = {
      ...this.times,
      [kind]: before === undefined ? seconds : smoothing * before + (1 - smoothing) * seconds,
    };
  }

  private show(): void {
    this.row.show(this.status);
  }

  private get status(): ProgressStatus {
    const { iteration: done } = this.position;
    const { iterations: total } = this.options.plan;
    const left = this.secondsLeft;
    const end = `${left === undefined ? '–' : duration(left)} left  ${this.note}`.trimEnd();
    if (this.phaseNow !== undefined) {
      const label = LABELS[this.phaseNow.phase];
      const { step } = this.phaseNow;
      const line = (): string => `${done}/${total}  ${label}: ${step}  ${end}`;
      return { label, done, total, detail: `${step}  ${end}`, line };
    }
    const { iteration } = this.times;
    const rate = iteration === undefined ? '–' : (1 / iteration).toFixed(1);
    const detail = `${rate} it/s  ${this.losses}  ${end}`;
    return { label: 'training', done, total, detail, line: () => `${done}/${total}  ${detail}` };
  }
}

/** Follows numbers that jump. */
export class Smoothed {
  private value: number | undefined;

  /** @param weight of the past */
  constructor(private readonly weight: number) {}

  /** Takes in a number. @returns what they are about now */
  add(next: number): number {
    this.value = this.value === undefined ? next : this.weight * this.value + (1 - this.weight) * next;
    return this.value;
  }
}
