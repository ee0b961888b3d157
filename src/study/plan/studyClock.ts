/**
 * @file Estimates how long studies still take: times of the reference device, until the device's own are measured.
 */
import { referenceStudyTimes, studySecondsLeft, type StudyTimes } from '../../training/run/timeLeft.js';
import type { StudySettings } from './studyDescription.js';
import { planRuns } from './studyPlan.js';

/** A run that has come so far tells how fast the device is; before, the start of the process weighs too much. */
const LEAST_PART = 0.1;

/** Part of a run that counts as left until its process has ended: the last evaluation, pictures and checkpoint. */
const LAST_PART = 0.05;

/** A run of one of the studies. */
interface TimedRun {
  /** Part of it that is not trained yet, 0 to 1. */
  left: number;
  /** When this process began to train it, in milliseconds, and what was left of it then. */
  begun: { readonly at: number; readonly left: number } | undefined;
  isMeasured: boolean;
  isDrawn: boolean;
}

interface TimedStudy {
  readonly times: StudyTimes;
  readonly runs: ReadonlyMap<string, TimedRun>;
}

/** Work that was done, in seconds: as it was expected on the reference device, and as it took. */
interface Pace {
  readonly expected: number;
  readonly taken: number;
}

const NOTHING: Pace = { expected: 0, taken: 0 };

export interface StudyClockOptions {
  /** Runs at a time. */
  readonly jobs: number;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** Follows one study, or several that are trained one after the other and measured then. */
export class StudyClock {
  private readonly now: () => number;
  private readonly studies: readonly TimedStudy[];
  private trained = NOTHING;
  private measuredPace = NOTHING;

  constructor(
    studies: readonly StudySettings[],
    private readonly options: StudyClockOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.studies = studies.map((settings) => ({
      times: referenceStudyTimes(settings),
      runs: new Map(planRuns(settings).map(({ name }) => [name, newRun()])),
    }));
  }

  /** Runs of all studies, and those that are trained. */
  get runs(): { readonly done: number; readonly total: number } {
    const all = this.studies.flatMap(({ runs }) => [...runs.values()]);
    return { done: all.filter(({ left }) => left === 0).length, total: all.length };
  }

  /** @param study its place among the studies @param part of the run that is trained, 0 to 1 */
  begun(study: number, name: string, part: number): void {
    const run = this.runOf(study, name);
    if (run === undefined) return;
    run.left = 1 - part;
    run.begun = { at: this.now(), left: run.left };
  }

  /** A run has come so far, 0 to 1. */
  progress(study: number, name: string, part: number): void {
    const run = this.runOf(study, name);
    if (run !== undefined) run.left = Math.min(run.left, Math.max(LAST_PART, 1 - part));
  }

  /** A run is not trained any further. */
  ended(study: number, name: string): void {
    const run = this.runOf(study, name);
    const times = this.studies[study]?.times;
    if (run === undefined || times === undefined) return;
    if (run.left <= LAST_PART) run.left = 0;
    if (run.begun !== undefined && run.left < run.begun.left) {
      this.trained = added(this.trained, this.paceOf(run, times, run.begun));
    }
    run.left = 0;
    run.begun = undefined;
  }

  /** A run is measured, which took so long; it took no time where that was done before. */
  measured(study: number, name: string, seconds?: number): void {
    const run = this.runOf(study, name);
    const times = this.studies[study]?.times;
    if (run === undefined || times === undefined) return;
    run.isMeasured = true;
    if (seconds === undefined) return;
    // The first one prepares the real images besides.
    const preparation = this.measuredPace.expected === 0 ? times.preparation : 0;
    this.measuredPace = added(this.measuredPace, { expected: times.measurement + preparation, taken: seconds });
  }

  /** The report of a study is drawn. */
  drawn(study: number): void {
    for (const run of this.studies[study]?.runs.values() ?? []) run.isDrawn = true;
  }

  /** Whether the estimate rests on times of this device. */
  get isMeasured(): boolean {
    return this.pace.expected > 0;
  }

  /** Seconds until all is trained, measured and drawn. */
  get secondsLeft(): number {
    const slowness = slownessOf(this.pace) ?? 1;
    const measuring = slownessOf(this.measuredPace) ?? slowness;
    // The real images are prepared once for all studies.
    const isPrepared = this.measuredPace.expected > 0;
    return this.studies.reduce((sum, { times, runs }, index) => {
      const all = [...runs.values()];
      const measurements = all.filter(({ isMeasured }) => !isMeasured).length;
      const preparation = index === 0 && !isPrepared && measurements > 0 ? times.preparation : 0;
      return (
        sum +
        studySecondsLeft({
          runs: all.map(({ left }) => left * times.run * slowness),
          jobs: this.options.jobs,
          measuring: (measurements * times.measurement + preparation) * measuring,
          drawing: all.filter(({ isDrawn }) => !isDrawn).length * times.figures * slowness,
        })
      );
    }, 0);
  }

  /** Of all training of this process, that of running runs included. */
  private get pace(): Pace {
    return this.studies.reduce((pace, { times, runs }) => {
      return [...runs.values()].reduce((sum, run) => {
        const isFar = run.begun !== undefined && run.begun.left - run.left >= LEAST_PART;
        return isFar && run.begun !== undefined ? added(sum, this.paceOf(run, times, run.begun)) : sum;
      }, pace);
    }, this.trained);
  }

  private paceOf({ left }: TimedRun, times: StudyTimes, begun: NonNullable<TimedRun['begun']>): Pace {
    return { expected: (begun.left - left) * times.run, taken: (this.now() - begun.at) / 1000 };
  }

  private runOf(study: number, name: string): TimedRun | undefined {
    return this.studies[study]?.runs.get(name);
  }
}

/** A run of which nothing is done. */
function newRun(): TimedRun {
  return { left: 1, begun: undefined, isMeasured: false, isDrawn: false };
}

function added(one: Pace, other: Pace): Pace {
  return { expected: one.expected + other.expected, taken: one.taken + other.taken };
}

/** How many times slower than the reference device; undefined where nothing was done. */
function slownessOf({ expected, taken }: Pace): number | undefined {
  return expected > 0 ? taken / expected : undefined;
}
