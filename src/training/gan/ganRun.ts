/**
 * @file A run: a GAN's training that lives in a folder, and goes on from its newest checkpoint with the same bits.
 */
import type { Engine } from '../../autograd/engine.js';
import type { ImageDataset } from '../../data/dataset.js';
import type { NewFolder } from '../../files/folders.js';
import type { PlanMemory } from '../../gpu/plan/plan.js';
import type { CheckpointError } from '../checkpoint/checkpoints.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { Diagnosis, VerdictName } from '../../evaluation/diagnosis.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { readDiagnoses } from '../run/diagnosisLog.js';
import { GanEvaluation, type GanEvaluationProgress } from './ganEvaluation.js';
import type { Metrics } from '../../gan/ganMetrics.js';
import { GanTraining } from '../../gan/ganTraining.js';
import { numbered } from '../run/iterationLog.js';
import { readMetrics, type MetricsRow } from '../run/metricsLog.js';
import { RunError, type RunArguments, type RunDescription, type RunSession } from '../run/runDescription.js';
import { RunFolder } from '../run/runFolder.js';
import { type PictureKind, writeCurves, writeSamples } from './runPictures.js';
import { aboutNetwork, checkSameRun, restoreInto } from '../checkpoint/runCheckpoint.js';
import { recordSession, type Outcome, type SessionWork } from '../run/runSession.js';
import type { Snapshot } from '../../data/weights/state.js';

/** What a session of a run works with. */
export interface RunContext {
  readonly engine: Engine;
  readonly dataset: ImageDataset;
  /** As run.json tells it, to find the images again. */
  readonly source: { readonly kind: string; readonly folder?: string | undefined };
  readonly versions: Readonly<Record<string, string>>;
  readonly tuned: boolean;
  readonly eager: boolean;
  /** Makes what looks at the run, when it is first needed; the run is not looked at where absent. */
  readonly evaluator?: ((progress?: EvaluationProgress) => Promise<Evaluator>) | undefined;
  /** Images of the same kind that are not learned from, by which looks judge a critic. */
  readonly heldOut?: ImageDataset | undefined;
}

/** When a run is to stop by itself. */
export interface StopRule {
  readonly verdicts: readonly VerdictName[];
  /** Looks in a row that must come to the same verdict. */
  readonly patience: number;
}

/** Work of a run between its iterations. `preparation` comes once, before the first `evaluation`. */
export type RunPhase = 'pictures' | 'preparation' | 'evaluation' | 'checkpoint';

/** What is told while a run goes on. */
export interface RunObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  ready?(memory: PlanMemory | undefined): void;
  metrics?(first: number, rows: readonly Metrics[]): void;
  /** A phase begins or advances: what it does now, and how many parts of that are done. */
  phase?(phase: RunPhase, step: string, done: number, total: number): void;
  phaseEnded?(phase: RunPhase): void;
  /** Pictures were written, to these paths. */
  pictures?(paths: Readonly<Record<PictureKind, string>>): void;
  /** The run was looked at. */
  diagnosis?(diagnosis: Diagnosis): void;
}

/** A run that this process works on. */
export class GanRun {
  private newest: string | undefined;
  private readonly looks: GanEvaluation | undefined;
  private stopped: VerdictName | undefined;

  private constructor(
    readonly folder: RunFolder,
    readonly training: GanTraining,
    private description: RunDescription,
    private readonly context: RunContext,
    private readonly history: MetricsRow[] = [],
    private readonly seen: Diagnosis[] = [],
    /** Newer checkpoints that could not be used. */
    readonly skipped: readonly CheckpointError[] = [],
  ) {
    const { evaluator, dataset, heldOut } = context;
    if (evaluator !== undefined) this.looks = new GanEvaluation(training.gan, evaluator, { dataset, heldOut });
  }

  /** Begins a run in a new folder. @throws Error when the options do not fit together; RunError, FileError, LockedError */
  static create(place: NewFolder, args: RunArguments, context: RunContext): GanRun {
    const training = new GanTraining(context.engine, context.dataset, {
      ...trainingOptions(args),
      eager: context.eager,
    });
    const { dataset, source } = context;
    const description: RunDescription = {
      format: 'zdim-gan-lab/run/1',
      arguments: args,
      dataset: {
        kind: source.kind,
        name: dataset.name,
        count: dataset.count,
        sha256: dataset.sha256,
        ...(source.folder === undefined ? {} : { folder: source.folder }),
      },
      parameters: {
        generator: training.gan.generator.parameterCount,
        discriminator: training.gan.discriminator.parameterCount,
      },
      sessions: [],
    };
    return new GanRun(RunFolder.create(place, description), training, description, context);
  }

  /**
   * Goes on with a run from its newest usable checkpoint, or from the start where there is none yet.
   *
   * @param opened the folder, taken with {@link RunFolder.open}
   * @throws CheckpointError when there are checkpoints, but none is usable; RunError when the images are others
   */
  static resume({ folder, description }: ReturnType<typeof RunFolder.open>, context: RunContext): GanRun {
    const { dataset, arguments: args } = description;
    const { sha256, name } = context.dataset;
    if (sha256 !== dataset.sha256) {
      throw new RunError(
        `${folder.path} was trained on ${dataset.name} with SHA-256 ${dataset.sha256}; ` +
          `these images (${name}) are others, with ${sha256}`,
      );
    }
    const training = new GanTraining(context.engine, context.dataset, {
      ...trainingOptions(args),
      eager: context.eager,
    });
    const { checkpoint, skipped } = folder.checkpoints.newestToResume('run', (found) => {
      checkSameRun(found, description);
      restoreInto(training, found);
    });
    const soFar = ({ iteration }: { readonly iteration: number }): boolean => iteration <= training.done;
    const history = readMetrics(folder.files.metrics).filter(soFar);
    const seen = readDiagnoses(folder.files.diagnoses).filter(soFar);
    // The images are the same wherever they were found this time.
    const found = { ...dataset, folder: context.source.folder ?? dataset.folder };
    const run = new GanRun(folder, training, { ...description, dataset: found }, context, history, seen, skipped);
    run.newest = checkpoint?.path;
    if (checkpoint !== undefined) run.looks?.restore(checkpoint.tensors);
    return run;
  }

  /** Path of the newest checkpoint, where there is one. */
  get newestCheckpoint(): string | undefined {
    return this.newest;
  }

  /** The newest of the sessions that worked on the run. */
  get lastSession(): RunSession | undefined {
    return this.description.sessions.at(-1);
  }

  /** Images of each evaluation; 0 where the run is not evaluated. */
  get looksAt(): number {
    return this.looks === undefined ? 0 : (this.description.arguments.diagnosis?.samples ?? 0);
  }

  /** The metrics of all iterations so far. */
  get metrics(): readonly MetricsRow[] {
    return this.history;
  }

  /** What the looks at it said so far. */
  get diagnoses(): readonly Diagnosis[] {
    return this.seen;
  }

  /**
   * Trains to the run's last iteration, until `signal` is aborted, or until the stop rule says so. Files are written as
   * training goes; `run.json` tells how it ended.
   *
   * @throws DivergedError, the device's errors, FileError, FolderLostError; what the run has written by then stays usable
   */
  async run(observer: RunObserver = {}, signal?: AbortSignal, stopOn?: StopRule): Promise<Outcome> {
    const { training, context, folder } = this;
    const earlier = this.description.sessions;
    const write = (session: RunSession): void => {
      this.description = { ...this.description, sessions: [...earlier, session] };
      folder.writeRun(this.description);
    };
    return recordSession(
      context,
      () => training.done,
      write,
      (session) => this.work(session, observer, signal, stopOn),
    );
  }

  private async work(
    { clock, tell }: SessionWork,
    observer: RunObserver,
    signal: AbortSignal | undefined,
    stopOn: StopRule | undefined,
  ): Promise<Outcome> {
    const { training, context, folder } = this;
    const byVerdict = new AbortController();
    const signals = signal === undefined ? byVerdict.signal : AbortSignal.any([signal, byVerdict.signal]);
    folder.checkpoints.tidy(training.done);
    folder.metrics.truncate(training.done);
    if (this.looks !== undefined) folder.diagnoses.truncate(training.done);
    tell();
    const outcome = await training.run(
      {
        tuning: (done, total, problem) => observer.tuning?.(done, total, problem),
        ready: (memory) => {
          tell();
          observer.ready?.(memory);
        },
        metrics: (first, rows) => {
          folder.metrics.append(first, rows);
          this.history.push(...numbered(first, rows));
          clock.count(rows.length);
          observer.metrics?.(first, rows);
        },
        samples: async (samples) => {
          clock.pause();
          observer.phase?.('pictures', 'drawing pictures', 0, 2);
          const paths = writeSamples(folder, context.dataset, samples, training.gan.objective.conditional);
          observer.phase?.('pictures', 'drawing curves', 1, 2);
          await writeCurves(folder, this.description.arguments, this.history);
          observer.phaseEnded?.('pictures');
          observer.pictures?.(paths);
          await this.look(samples.iteration, observer);
          this.stopped = stopOn && this.standing(stopOn);
          if (this.stopped !== undefined) byVerdict.abort();
          clock.goOn();
        },
        checkpoint: (iteration, state) => {
          observer.phase?.('checkpoint', 'writing a checkpoint', 0, 1);
          this.writeCheckpoint(iteration, state);
          observer.phaseEnded?.('checkpoint');
        },
      },
      signals,
    );
    if (outcome === 'stopped' && this.history.length > 0) {
      observer.phase?.('pictures', 'drawing curves', 0, 1);
      await writeCurves(folder, this.description.arguments, this.history);
      observer.phaseEnded?.('pictures');
    }
    return outcome;
  }

  /** The verdict of the stop rule that stood after the last look of this session. */
  get verdict(): VerdictName | undefined {
    return this.stopped;
  }

  /** The verdict of a rule that the last looks agree in. */
  private standing({ verdicts, patience }: StopRule): VerdictName | undefined {
    const last = this.seen.slice(-patience).map(({ verdict }) => verdict.name);
    const [name] = last;
    const stands = name !== undefined && last.length === patience && last.every((other) => other === name);
    return stands && verdicts.includes(name) ? name : undefined;
  }

  /** Whether nothing was done yet, in this session or an earlier one. */
  get isEmpty(): boolean {
    return this.training.done === 0 && this.newest === undefined && this.description.sessions.length <= 1;
  }

  /** Gives the folder and the GPU's memory back; a new run that failed before its first iteration leaves no folder. */
  close(): void {
    if (this.isEmpty && this.lastSession?.outcome === 'failed') this.folder.discard();
    else this.folder.close();
    this.looks?.dispose();
    this.training.dispose();
  }

  private async look(iteration: number, observer: RunObserver): Promise<void> {
    if (this.looks === undefined) return;
    let current: RunPhase | undefined;
    const told: GanEvaluationProgress = (phase, ...step) => {
      if (current !== undefined && current !== phase) observer.phaseEnded?.(current);
      current = phase;
      observer.phase?.(phase, ...step);
    };
    const diagnosis = await this.looks.look(iteration, this.history, this.seen, told);
    this.folder.diagnoses.append(diagnosis);
    this.seen.push(diagnosis);
    observer.phaseEnded?.('evaluation');
    observer.diagnosis?.(diagnosis);
  }

  private writeCheckpoint(iteration: number, state: Snapshot): void {
    const { keep } = this.description.arguments;
    this.folder.metrics.flush();
    if (this.looks !== undefined) this.folder.diagnoses.flush();
    const about = aboutNetwork(this.description.arguments, this.context.dataset);
    const all = new Map([...state, ...(this.looks?.state ?? [])]);
    this.newest = this.folder.checkpoints.write(iteration, all, about, keep === 'all' ? Infinity : keep);
  }
}

function trainingOptions(args: RunArguments) {
  const { architecture, objective, zDim, width, batch, iterations, sampleEvery, checkpointEvery, seed } = args;
  return { architecture, objective, zDim, width, batch, iterations, sampleEvery, checkpointEvery, seed };
}
