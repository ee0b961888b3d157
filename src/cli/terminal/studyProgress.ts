/**
 * @file Displays the progress of studies: their runs, measurements and reports.
 */
import type { ConductCallbacks } from '../../study/conduct.js';
import type { MeasuringCallbacks } from '../../study/measure/measurement.js';
import { StudyClock } from '../../study/plan/studyClock.js';
import type { StudySettings } from '../../study/plan/studyDescription.js';
import type { StudyFolder } from '../../study/plan/studyFolder.js';
import type { PlannedRun } from '../../study/plan/studyPlan.js';
import type { TrainingProgressReport } from '../../study/runner/messages.js';
import { iterationsOf, type RunState } from '../../study/runner/runState.js';
import type { RunCallbacks } from '../../study/runner/trainRuns.js';
import { datasetCallbacks } from '../options/dataOptions.js';
import { aboutDuration, confirmWork } from './announcement.js';
import type { Output } from './output.js';
import type { ProgressRow } from './progress.js';
import type { StopSignals } from './stopSignals.js';
import { progressDetail } from './trainingProgress.js';
import { tuningCallbacks } from './tuningProgress.js';

export interface StudyDisplayOptions {
  /** Starts without asking. */
  readonly yes?: boolean;
  /** Runs at a time. */
  readonly jobs: number;
}

/** Displays one study, or the studies of a comparison in their order. */
export class StudyDisplay {
  private clock = new StudyClock([], { jobs: 1 });
  /** Places of the studies on the clock, by folder. */
  private readonly places = new Map<string, number>();

  constructor(
    private readonly output: Output,
    private readonly options: StudyDisplayOptions,
    private readonly stop: StopSignals,
  ) {}

  /** Callbacks of `study` and `compare`. */
  get callbacks(): ConductCallbacks {
    const { output, stop } = this;
    return {
      confirm: (studies) => confirmWork(studies, this.options.yes, output),
      images: datasetCallbacks(output),
      working: () => {
        stop.nothingToSave = false;
        output.endPhases();
      },
      openingDevice: () => output.phase('opening the device'),
      tuning: tuningCallbacks(output),
      training: (folder) => this.training(folder),
      measuring: (folder) => this.measuring(folder),
      unmeasured: () => output.say('there is no classifier for these images: the runs are not measured', true),
      drawing: (figure, done, total) => output.phase('drawing the report', done, total, figure),
      drawn: ({ path }) => {
        output.endPhases();
        const place = this.places.get(path);
        if (place !== undefined) this.clock.drawn(place);
      },
    };
  }

  /** Estimates the time of all studies from now on. */
  begin(studies: readonly StudySettings[]): void {
    this.clock = new StudyClock(studies, { jobs: this.options.jobs });
  }

  private training(folder: StudyFolder): RunCallbacks {
    const place = this.places.size;
    this.places.set(folder.path, place);
    return new RunsDisplay(folder, { clock: this.clock, place, output: this.output });
  }

  private measuring({ path }: StudyFolder): MeasuringCallbacks {
    const { output, clock } = this;
    const place = this.places.get(path) ?? 0;
    return {
      checking: (_run, done, total) => output.phase('reading checkpoints', done, total),
      measuredBefore: ({ name }) => clock.measured(place, name),
      begun: ({ name }, left) => {
        output.say(`measuring ${name} (${left} left) ...`);
        output.phase(`measuring ${name}`);
      },
      progress: ({ name }, ...step) => output.evaluation(`measuring ${name}`, () => timeLeft(clock))(...step),
      ended: ({ name }, { diagnosis, seconds }) => {
        clock.measured(place, name, seconds);
        output.say(`${name}: ${diagnosis.verdict.name} (${seconds.toFixed(0)} s)`);
      },
      failed: ({ name }) => clock.measured(place, name),
    };
  }
}

interface RunsDisplayOptions {
  readonly clock: StudyClock;
  /** The study's place on the clock. */
  readonly place: number;
  readonly output: Output;
}

/** Displays the runs of one study, a row each. */
class RunsDisplay implements RunCallbacks {
  private readonly rows = new Map<string, ProgressRow>();
  private readonly titles: ReadonlyMap<string, string>;
  private readonly iterations: number;

  constructor(
    { runs, description }: StudyFolder,
    private readonly options: RunsDisplayOptions,
  ) {
    this.iterations = description.settings.iterations;
    this.titles = new Map(
      runs.map(({ name, zDim, seed }, index) => [name, `[${index + 1}/${runs.length}] z ${zDim}, seed ${seed}`]),
    );
  }

  readonly skipped = (run: PlannedRun, { outcome, problem }: RunState): void => {
    this.options.clock.ended(this.options.place, run.name);
    this.say(run, outcome === 'finished' ? 'finished before' : `${outcome} before: ${problem ?? outcome}`);
  };

  readonly started = (run: PlannedRun, state: RunState): void => {
    const done = iterationsOf(state);
    const { clock, place, output } = this.options;
    clock.begun(place, run.name, done / this.iterations);
    this.say(run, state.outcome === 'absent' ? 'starts' : 'resumes');
    this.rows.set(run.name, output.progress.row());
    this.show(run, done, 'starts ...');
  };

  readonly phase: NonNullable<RunCallbacks['phase']> = (run, { label, done, total }) => {
    this.show(run, 0, total === undefined ? label : `${label} ${done ?? 0}/${total}`);
  };

  readonly progress = (run: PlannedRun, report: TrainingProgressReport): void => {
    const { iteration, iterations, label, step } = report;
    const isBefore = iteration === 0;
    this.options.clock.progress(this.options.place, run.name, iteration / iterations);
    this.show(run, iteration, isBefore ? [label, step].filter(Boolean).join(' ') : progressDetail(report));
  };

  readonly notice = (run: PlannedRun, text: string): void => this.say(run, text);

  readonly ended = (run: PlannedRun, { outcome, problem }: RunState): void => {
    this.options.clock.ended(this.options.place, run.name);
    this.rows.get(run.name)?.end();
    this.rows.delete(run.name);
    if (outcome === 'finished') this.say(run, 'finished');
    else this.say(run, problem === undefined ? 'stopped' : `${outcome}: ${problem}`, problem !== undefined);
  };

  private show({ name }: PlannedRun, done: number, text: string): void {
    const label = this.titles.get(name) ?? name;
    const total = this.iterations;
    const detail = `${text}  ·  ${timeLeft(this.options.clock)}`;
    this.rows.get(name)?.show({ label, done, total, detail, line: () => `${label}: ${done}/${total}  ${detail}` });
  }

  private say({ name }: PlannedRun, text: string, important = false): void {
    this.options.output.say(`${this.titles.get(name) ?? name}: ${text}`, important);
  }
}

/** The time until all runs are trained and measured, and all reports drawn. */
function timeLeft(clock: StudyClock): string {
  const { done, total } = clock.runs;
  const guess = clock.isMeasured ? '' : ', estimated for two CPU cores';
  return `all: ${done}/${total} runs, ${aboutDuration(clock.secondsLeft)} left${guess}`;
}
