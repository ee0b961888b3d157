/**
 * @file How a study shows the progress of its runs: a bar each on a terminal, plain lines elsewhere.
 */
import type { SingleBar } from 'cli-progress';
import type { Progress } from '../study/childTraining.js';
import { iterationsOf, type RunState } from '../study/runState.js';
import type { PlannedRun } from '../study/studyPlan.js';
import type { TrainingNews } from '../study/trainRuns.js';
import { style } from './terminal/style.js';
import { ProgressBars } from './terminal/bars.js';

/** What a run says, besides its progress, that its user is to know. */
const IMPORTANT = /^(?:skipped: |the run was last on another )/;

/** Follows the training of a study. */
export class StudyProgress implements TrainingNews {
  private readonly bars: ProgressBars | undefined;
  private readonly barOf = new Map<string, SingleBar>();
  private readonly places: ReadonlyMap<string, string>;

  constructor(
    runs: readonly PlannedRun[],
    private readonly iterations: number,
    private readonly print: (line: string, important?: boolean) => void,
    isTerminal: boolean,
  ) {
    const { length } = runs;
    this.places = new Map(
      runs.map(({ name, zDim, seed }, index) => [name, `[${index + 1}/${length}] z ${zDim}, seed ${seed}`]),
    );
    if (!isTerminal) return;
    this.bars = new ProgressBars({ format: '{run} {bar} {value}/{total}  {rest}', barsize: 20 });
  }

  readonly skipped = (run: PlannedRun, { outcome, problem }: RunState): void => {
    this.say(run, outcome === 'finished' ? 'is finished' : `stays as it is: ${problem ?? outcome}`);
  };

  readonly begun = (run: PlannedRun, state: RunState): void => {
    const from = iterationsOf(state);
    if (this.bars !== undefined) {
      const payload = { run: this.placeOf(run), rest: 'starts ...' };
      this.barOf.set(run.name, this.bars.add(this.iterations, from, payload));
      return;
    }
    this.say(run, state.outcome === 'absent' ? 'starts' : 'goes on');
  };

  readonly progress = (run: PlannedRun, { done, total, rest }: Progress): void => {
    const bar = this.barOf.get(run.name);
    if (bar === undefined) this.say(run, `${done}/${total}  ${rest}`);
    else bar.update(done, { rest });
  };

  readonly said = (run: PlannedRun, line: string): void => {
    if (IMPORTANT.test(line)) this.say(run, line);
  };

  readonly ended = (run: PlannedRun, state: RunState): void => {
    const { outcome, problem } = state;
    const bar = this.barOf.get(run.name);
    if (bar !== undefined) {
      bar.update(iterationsOf(state), { rest: outcome });
      bar.stop();
    }
    if (outcome === 'finished') {
      if (bar === undefined) this.say(run, 'is finished');
    } else {
      this.say(run, problem === undefined ? 'stopped' : `${outcome}: ${problem}`, problem !== undefined);
    }
  };

  /** Gives the terminal back. */
  stop(): void {
    this.bars?.stop();
  }

  private placeOf({ name }: PlannedRun): string {
    return this.places.get(name) ?? name;
  }

  private say(run: PlannedRun, text: string, important = false): void {
    const line = `${this.placeOf(run)}: ${text}`;
    // Above the bars, which are redrawn.
    if (this.bars !== undefined) this.bars.log(important ? style.bold(style.yellow(line)) : line);
    else this.print(line, important);
  }
}
