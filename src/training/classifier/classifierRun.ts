/**
 * @file A classifier's training that lives in a folder, goes on from its newest checkpoint with the same bits, and ends
 * with weights that say where they are from, and with how they do on images that were not trained on.
 */
import type { Engine } from '../../autograd/engine.js';
import type { ImageDataset } from '../../data/dataset.js';
import { confusionChart } from '../../figures/confusion.js';
import { renderChart } from '../../figures/chart.js';
import type { NewFolder } from '../../files/folders.js';
import type { PlanMemory } from '../../gpu/plan/plan.js';
import { checkpointError, type CheckpointError, encodeCheckpoint, type Checkpoint } from '../checkpoint/checkpoints.js';
import {
  classifierMetadata,
  checkSameTraining,
  commandOf,
  confusionSubtitle,
  confusionTitle,
  describeEvaluation,
} from './classifierMetadata.js';
import type { ClassifierArguments, ClassifierDescription } from './classifierDescription.js';
import { ClassifierFolder } from './classifierFolder.js';
import { type ClassifierMetrics, ClassifierTraining, evaluate, type Evaluation } from './classifierTraining.js';
import { RunError, type RunSession } from '../run/runDescription.js';
import { recordSession, type Outcome, type SessionWork } from '../run/runSession.js';
import { networkState, snapshot, type Snapshot } from '../../data/weights/state.js';

/** Images, and what finds them again. */
export interface ClassifierData {
  readonly dataset: ImageDataset;
  readonly kind: string;
  readonly folder?: string | undefined;
}

/** What a session works with. */
export interface ClassifierContext {
  readonly engine: Engine;
  readonly train: ClassifierData;
  readonly test: ClassifierData;
  /** What the labels stand for. */
  readonly classes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly tuned: boolean;
}

/** Work between the iterations. */
export type ClassifierPhase = 'pictures' | 'evaluation' | 'checkpoint';

/** What is told while training goes on. */
export interface ClassifierRunObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  ready?(memory: PlanMemory): void;
  metrics?(first: number, rows: readonly ClassifierMetrics[]): void;
  /** A phase begins or advances: what it does now, and how many parts of that are done. */
  phase?(phase: ClassifierPhase, step: string, done: number, total: number): void;
  phaseEnded?(phase: ClassifierPhase): void;
  /** The test images were looked at, after an epoch and at the end. */
  evaluated?(iteration: number, evaluation: Evaluation): void;
}

/** A training that this process works on. */
export class ClassifierRun {
  private newest: string | undefined;
  private evaluation: { readonly iteration: number; readonly value: Evaluation } | undefined;

  private constructor(
    readonly folder: ClassifierFolder,
    readonly training: ClassifierTraining,
    private description: ClassifierDescription,
    private readonly context: ClassifierContext,
    /** Newer checkpoints that could not be used. */
    readonly skipped: readonly CheckpointError[] = [],
  ) {}

  /** Begins in a new folder. @throws Error when the images do not fit; RunError, FileError, LockedError */
  static create(place: NewFolder, args: ClassifierArguments, context: ClassifierContext): ClassifierRun {
    const { engine, train, test, classes } = context;
    const training = new ClassifierTraining(engine, train.dataset, args);
    const description: ClassifierDescription = {
      format: 'zdim-gan-lab/classifier-run/1',
      arguments: args,
      dataset: describe(train),
      test: describe(test),
      classes: [...classes],
      parameters: training.model.parameterCount,
      iterations: training.iterations,
      sessions: [],
    };
    return new ClassifierRun(ClassifierFolder.create(place, description), training, description, context);
  }

  /**
   * Goes on from the newest usable checkpoint, or from the start where there is none yet.
   *
   * @param opened the folder, taken with {@link ClassifierFolder.open}
   * @throws CheckpointError when there are checkpoints, but none is usable; RunError when the images are others
   */
  static resume(
    { folder, description }: ReturnType<typeof ClassifierFolder.open>,
    context: ClassifierContext,
  ): ClassifierRun {
    const { train, test } = context;
    for (const [before, { dataset }] of [
      [description.dataset, train],
      [description.test, test],
    ] as const) {
      if (before.sha256 === dataset.sha256) continue;
      throw new RunError(
        `${folder.path} is of ${before.name} with SHA-256 ${before.sha256}; ` +
          `these images (${dataset.name}) are others, with ${dataset.sha256}`,
      );
    }
    const training = new ClassifierTraining(context.engine, train.dataset, description.arguments);
    const { checkpoint, skipped } = folder.checkpoints.newestToResume('training', (found) => {
      restoreInto(training, found, description);
    });
    // The images are the same wherever they were found this time.
    const moved = { dataset: describe(train), test: describe(test) };
    const run = new ClassifierRun(folder, training, { ...description, ...moved }, context, skipped);
    run.newest = checkpoint?.path;
    return run;
  }

  /** Path of the newest checkpoint, where there is one. */
  get newestCheckpoint(): string | undefined {
    return this.newest;
  }

  /** The newest of the sessions that worked on it. */
  get lastSession(): RunSession | undefined {
    return this.description.sessions.at(-1);
  }

  /** Images of the test set. */
  get testCount(): number {
    return this.context.test.dataset.count;
  }

  /** How it did on the test images when they were last looked at in this session. */
  get lastEvaluation(): Evaluation | undefined {
    return this.evaluation?.value;
  }

  /**
   * Trains to the last iteration, or until `signal` is aborted. Files are written as training goes.
   *
   * @throws DivergedError, the device's errors, FileError, FolderLostError; what was written by then stays usable
   */
  async run(observer: ClassifierRunObserver = {}, signal?: AbortSignal): Promise<Outcome> {
    const { training, context, folder } = this;
    const earlier = this.description.sessions;
    const write = (session: RunSession): void => {
      this.description = { ...this.description, sessions: [...earlier, session] };
      folder.writeDescription(this.description);
    };
    return recordSession(
      { ...context, eager: false },
      () => training.done,
      write,
      (session) => {
        return this.work(session, observer, signal);
      },
    );
  }

  private async work(
    { clock, tell }: SessionWork,
    observer: ClassifierRunObserver,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { training, folder } = this;
    folder.checkpoints.tidy(training.done);
    folder.metrics.truncate(training.done);
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
          clock.count(rows.length);
          observer.metrics?.(first, rows);
        },
        epoch: () => this.evaluate(observer),
        checkpoint: (iteration, state) => {
          observer.phase?.('checkpoint', 'writing a checkpoint', 0, 1);
          this.writeCheckpoint(iteration, state);
          observer.phaseEnded?.('checkpoint');
        },
      },
      signal,
    );
    if (outcome === 'finished') await this.finish(observer);
    return outcome;
  }

  /** Whether nothing was done yet, in this session or an earlier one. */
  get isEmpty(): boolean {
    return this.training.done === 0 && this.newest === undefined && this.description.sessions.length <= 1;
  }

  /** Gives the folder and the GPU's memory back; one that failed before its first iteration leaves no folder. */
  close(): void {
    if (this.isEmpty && this.lastSession?.outcome === 'failed') this.folder.discard();
    else this.folder.close();
    this.training.dispose();
  }

  private async evaluate(observer: ClassifierRunObserver): Promise<Evaluation> {
    const { training, context } = this;
    if (this.evaluation?.iteration === training.done) return this.evaluation.value;
    const progress = (done: number, total: number) =>
      observer.phase?.('evaluation', 'classifying test images', done, total);
    progress(0, context.test.dataset.count);
    const value = await evaluate(context.engine, training.model, context.test.dataset, progress);
    observer.phaseEnded?.('evaluation');
    this.evaluation = { iteration: training.done, value };
    observer.evaluated?.(training.done, value);
    return value;
  }

  /** Writes what a finished training leaves. */
  private async finish(observer: ClassifierRunObserver): Promise<void> {
    const { training, context, folder, description } = this;
    const { dataset } = context.test;
    const evaluation = await this.evaluate(observer);
    const { accuracy } = evaluation;
    const weights = await snapshot(context.engine.device, networkState(training.model));
    const about = {
      ...classifierMetadata(description),
      command: commandOf(description),
      test: dataset.name,
      testSha256: dataset.sha256,
      testAccuracy: accuracy.toString(),
    };
    folder.write('weights', encodeCheckpoint(training.done, weights, about));
    observer.phase?.('pictures', 'drawing the confusion matrix', 0, 1);
    const chart = await renderChart(
      confusionChart({
        confusion: evaluation.confusion,
        classes: context.classes,
        title: confusionTitle(evaluation, dataset.name),
        subtitle: confusionSubtitle(description.arguments.classifier, description.dataset.name),
      }),
    );
    folder.write('confusion', chart.png);
    folder.writeEvaluation(describeEvaluation(evaluation, dataset, context.classes));
    observer.phaseEnded?.('pictures');
  }

  private writeCheckpoint(iteration: number, state: Snapshot): void {
    const { keep } = this.description.arguments;
    this.folder.metrics.flush();
    const about = classifierMetadata(this.description);
    this.newest = this.folder.checkpoints.write(iteration, state, about, keep === 'all' ? Infinity : keep);
  }
}

function describe({ dataset, kind, folder }: ClassifierData): ClassifierDescription['dataset'] {
  const { name, count, sha256 } = dataset;
  return { kind, name, count, sha256, ...(folder === undefined ? {} : { folder }) };
}

/** @throws CheckpointError for a checkpoint of another training */
function restoreInto(training: ClassifierTraining, checkpoint: Checkpoint, description: ClassifierDescription): void {
  checkSameTraining(checkpoint, description);
  try {
    training.restore(checkpoint.tensors, checkpoint.path);
  } catch (cause) {
    throw checkpointError(cause);
  }
}
