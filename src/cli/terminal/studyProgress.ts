/**
 * @file How a study shows the progress of its runs, of their measuring and of its report.
 */
import type { Progress } from '../../study/runner/childTraining.js';
import type { MeasuringCallbacks } from '../../study/measure/measurement.js';
import { iterationsOf, type RunState } from '../../study/runner/runState.js';
import type { StudyClock } from '../../study/plan/studyClock.js';
import type { PlannedRun } from '../../study/plan/studyPlan.js';
import type { TrainingCallbacks } from '../../study/runner/trainRuns.js';
import { aboutDuration } from './announcement.js';
import type { Output } from './output.js';
import type { ProgressRow } from './progress.js';

/** What a run says, besides its progress, that its user is to know. */
const IMPORTANT = /^(?:skipped: |the run was last on another )/;

export interface StudyProgressOptions {
  readonly runs: readonly PlannedRun[];
  readonly iterations: number;
  readonly clock: StudyClock;
  /** The study's place among those of the clock. */
  readonly study: number;
}

/** Follows a study. */
export class StudyProgress implements TrainingCallbacks {
  private readonly rowOf = new Map<string, ProgressRow>();
  private readonly starting = new Set<string>();
  private readonly places: ReadonlyMap<string, string>;

  constructor(
    private readonly options: StudyProgressOptions,
    private readonly output: Output,
  ) {
    const { runs } = options;
    this.places = new Map(
      runs.map(({ name, zDim, seed }, index) => [name, `[${index + 1}/${runs.length}] z ${zDim}, seed ${seed}`]),
    );
  }

  readonly skipped = (run: PlannedRun, { outcome, problem }: RunState): void => {
    this.options.clock.ended(this.options.study, run.name);
    this.say(run, outcome === 'finished' ? 'is finished' : `stays as it is: ${problem ?? outcome}`);
  };

  readonly begun = (run: PlannedRun, state: RunState): void => {
    const done = iterationsOf(state);
    const { clock, study, iterations } = this.options;
    clock.begun(study, run.name, done / iterations);
    if (done === 0) this.starting.add(run.name);
    this.say(run, state.outcome === 'absent' ? 'starts' : 'goes on');
    this.rowOf.set(run.name, this.output.progress.row());
    this.show(run, { done, total: iterations, rest: 'starts ...' });
  };

  readonly progress = (run: PlannedRun, progress: Progress): void => {
    this.starting.delete(run.name);
    this.options.clock.progress(this.options.study, run.name, progress.done / progress.total);
    this.show(run, progress);
  };

  readonly said = (run: PlannedRun, line: string): void => {
    if (IMPORTANT.test(line)) this.say(run, line);
    // Before its first iteration a run tells its phases without a count of iterations.
    else if (this.starting.has(run.name))
      this.show(run, { done: 0, total: this.options.iterations, rest: line.trim() });
  };

  readonly ended = (run: PlannedRun, state: RunState): void => {
    const { outcome, problem } = state;
    this.options.clock.ended(this.options.study, run.name);
    this.rowOf.get(run.name)?.end();
    this.rowOf.delete(run.name);
    if (outcome === 'finished') this.say(run, 'is finished');
    else this.say(run, problem === undefined ? 'stopped' : `${outcome}: ${problem}`, problem !== undefined);
  };

  /** Callbacks for measuring. */
  get measuring(): MeasuringCallbacks {
    const { say, phase, evaluation } = this.output;
    const { clock, study } = this.options;
    return {
      checking: (_run, done, total) => phase('reading checkpoints', done, total),
      measuredBefore: ({ name }) => clock.measured(study, name),
      begun: ({ name }, left) => {
        say(`measuring ${name} (${left} left) ...`);
        phase(`measuring ${name}`);
      },
      progress: ({ name }, ...step) => evaluation(`measuring ${name}`, () => this.left)(...step),
      ended: ({ name }, { diagnosis, seconds }) => {
        clock.measured(study, name, seconds);
        say(`${name}: ${diagnosis.verdict.name} (${seconds.toFixed(0)} s)`);
      },
      failed: ({ name }) => clock.measured(study, name),
    };
  }

  /** Gives the terminal back. */
  stop(): void {
    for (const row of this.rowOf.values()) row.end();
    this.rowOf.clear();
  }

  private show(run: PlannedRun, { done, total, rest }: Progress): void {
    const label = this.placeOf(run);
    const detail = `${rest}  ·  ${this.left}`;
    this.rowOf.get(run.name)?.show({ label, done, total, detail, line: () => `${label}: ${done}/${total}  ${detail}` });
  }

  /** The time left of all runs, of measuring them, and of the report. */
  private get left(): string {
    const { clock } = this.options;
    const { done, total } = clock.runs;
    const guess = clock.isMeasured ? '' : ', if as fast as two CPU cores';
    return `all: ${done}/${total} runs, ${aboutDuration(clock.secondsLeft)} left${guess}`;
  }

  private placeOf({ name }: PlannedRun): string {
    return this.places.get(name) ?? name;
  }

  private say(run: PlannedRun, text: string, important = false): void {
    this.output.say(`${this.placeOf(run)}: ${text}`, important);
  }
}
