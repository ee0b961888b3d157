/**
 * @file Displays the progress of a training: iterations, the phases between them, and the time left.
 */
import type { TrainingProgressReport } from '../../study/runner/messages.js';
import {
  type FirstTimes,
  secondsLeft,
  type TrainingPlan,
  type TrainingPosition,
  type WorkKind,
  workLeft,
  type WorkTimes,
} from '../../training/run/timeLeft.js';
import type { TrainingPhase } from '../../training/trainer.js';
import { tellParent } from './parent.js';
import { duration, type ProgressRow } from './progress.js';

/** Weight of the past in the smoothed time of an iteration, and of less frequent work. */
const SMOOTHING = 0.9;
const SELDOM_SMOOTHING = 0.5;

const LABELS: Readonly<Record<TrainingPhase, string>> = {
  pictures: 'drawing',
  preparation: 'preparing the evaluation',
  evaluation: 'evaluating',
  checkpoint: 'saving',
};

export interface TrainingProgressOptions {
  /** Iterations of earlier sessions. */
  readonly done: number;
  readonly plan: TrainingPlan;
  /** Estimates unmeasured times from the seconds of an iteration, which are undefined before the first. */
  readonly first: (iteration: number | undefined) => FirstTimes;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** Displays one training. */
export class TrainingProgress {
  private readonly now: () => number;
  private position: TrainingPosition;
  /** Whether the first iterations are done. They wait for the driver to compile kernels, and do not count. */
  private started = false;
  private isPrepared = false;
  private lastTime: number;
  private times: WorkTimes = {};
  private phaseNow: { readonly phase: TrainingPhase; readonly since: number; readonly step: string } | undefined;
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

  /** Work before the first iteration: `compiling kernels`. @param detail its progress */
  before(label: string, detail = ''): void {
    const { iteration } = this.position;
    const { iterations } = this.options.plan;
    const line = (seconds: number): string => `${iteration}/${iterations}  ${label} ${detail || duration(seconds)}`;
    this.row.show({ label, detail, line });
    const step = detail === '' ? {} : { step: detail };
    tellParent({ type: 'progress', progress: { iteration, iterations, label, ...step } });
  }

  /** @param done completed iterations, of which `count` are new @param losses in words */
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

  /** A phase between iterations starts or advances. */
  phase(phase: TrainingPhase, step: string, done: number, total: number): void {
    const since = this.phaseNow?.phase === phase ? this.phaseNow.since : this.now();
    const percent = done === 0 || total <= 1 ? '' : ` ${Math.floor((100 * done) / total)} %`;
    this.phaseNow = { phase, since, step: `${step}${percent}` };
    this.show();
  }

  /** The phase has ended: its time does not count as that of iterations. */
  phaseEnded(phase: TrainingPhase): void {
    const now = this.now();
    const since = this.phaseNow?.phase === phase ? this.phaseNow.since : now;
    const { iteration } = this.position;
    if (phase === 'preparation') this.isPrepared = true;
    else this.measured(phase, (now - since) / 1000, SELDOM_SMOOTHING);
    // The evaluation, if there is one, follows the pictures.
    const isLast = this.options.plan.samples === 0 ? phase === 'pictures' : phase === 'evaluation';
    if (isLast) this.position = { ...this.position, sampled: iteration };
    if (phase === 'checkpoint') this.position = { ...this.position, saved: iteration };
    this.phaseNow = undefined;
    this.lastTime = now;
    this.show();
  }

  /** Displays a note, such as a verdict. */
  tell(note: string): void {
    this.note = note;
    this.show();
  }

  /** Seconds until the end; undefined before the first measurement. */
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

  /** Removes the row. */
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
    const { report } = this;
    const { iteration: done, iterations: total, label } = report;
    const detail = progressDetail(report);
    const work = label === TRAINING ? '' : `${label}: `;
    this.row.show({ label, done, total, detail, line: () => `${done}/${total}  ${work}${detail}` });
    tellParent({ type: 'progress', progress: report });
  }

  private get report(): TrainingProgressReport {
    const { iteration } = this.position;
    const { iterations } = this.options.plan;
    const left = this.secondsLeft;
    const known = {
      iteration,
      iterations,
      ...(left === undefined ? {} : { secondsLeft: left }),
      ...(this.note === '' ? {} : { verdict: this.note }),
    };
    if (this.phaseNow !== undefined) return { ...known, label: LABELS[this.phaseNow.phase], step: this.phaseNow.step };
    const { iteration: seconds } = this.times;
    const rate = seconds === undefined ? {} : { iterationsPerSecond: 1 / seconds };
    return { ...known, label: TRAINING, ...rate, losses: this.losses };
  }
}

/** The label while iterations run. */
const TRAINING = 'training';

/** Describes a progress behind its iterations: `12.1 it/s  G 0.693  D 0.512  2 min left  healthy`. */
export function progressDetail(report: TrainingProgressReport): string {
  const { label, step, iterationsPerSecond: rate, losses = '', secondsLeft, verdict = '' } = report;
  const left = `${secondsLeft === undefined ? '–' : duration(secondsLeft)} left  ${verdict}`.trimEnd();
  if (label !== TRAINING) return [step, left].filter(Boolean).join('  ');
  return `${rate === undefined ? '–' : rate.toFixed(1)} it/s  ${losses}  ${left}`;
}

/** Smooths a sequence of numbers. */
export class Smoothed {
  private value: number | undefined;

  /** @param weight of the past */
  constructor(private readonly weight: number) {}

  /** Adds a number. @returns the smoothed value */
  add(next: number): number {
    this.value = this.value === undefined ? next : this.weight * this.value + (1 - this.weight) * next;
    return this.value;
  }
}
