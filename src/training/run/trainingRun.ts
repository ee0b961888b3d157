/**
 * @file A training that lives in a folder: its description, logs and checkpoints, and how it resumes with the same bits.
 */
import type { Snapshot } from '../../data/weights/state.js';
import { checkpointError, type CheckpointError, type Checkpoint } from '../checkpoint/checkpoints.js';
import type {
  PhaseProgress,
  Trainer,
  TrainingCallbacks,
  TrainingParts,
  TrainingResult,
  TrainingStore,
} from '../trainer.js';
import { type IterationLog, numbered, type Row } from './iterationLog.js';
import type { RunSession } from './runDescription.js';
import type { RunFolder } from './runFolder.js';
import { Session, type SessionContext } from './session.js';

/** What the descriptions of all trainings hold. */
export interface TrainingDescription {
  readonly arguments: { readonly keep: number | 'all' };
  readonly sessions: RunSession[];
}

/** The types of a training. */
export interface RunTypes {
  readonly description: TrainingDescription;
  /** Metrics of an iteration. */
  readonly row: object;
  readonly samples: unknown;
  readonly evaluation: unknown;
}

/** What a training in a folder works with. */
export interface RunParts<T extends RunTypes> {
  readonly folder: RunFolder<T['description']>;
  /** As it is now; the folder's may be older. */
  readonly description: T['description'];
  readonly trainer: Trainer<T['row'], T['samples']>;
  readonly context: SessionContext;
  readonly metrics: IterationLog<T['row'] & Row>;
  /** Facts that each checkpoint states about its network. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A training that this process works on: the store of its trainer. */
export abstract class TrainingRun<T extends RunTypes> implements TrainingStore<
  T['row'],
  T['samples'],
  T['evaluation']
> {
  readonly folder: RunFolder<T['description']>;
  protected description: T['description'];
  /** Evaluates the networks, if at all. */
  protected evaluate: TrainingParts<T['row'], T['samples'], T['evaluation']>['evaluate'];
  private readonly trainer: Trainer<T['row'], T['samples']>;
  private readonly logs: IterationLog<Row>[];
  private newest: string | undefined;
  private unusable: readonly CheckpointError[] = [];
  private session: Session | undefined;

  protected constructor(private readonly parts: RunParts<T>) {
    this.folder = parts.folder;
    this.description = parts.description;
    this.trainer = parts.trainer;
    this.logs = [parts.metrics];
  }

  /** Completed iterations. */
  get done(): number {
    return this.trainer.done;
  }

  /** Path of the newest checkpoint, if any. */
  get newestCheckpoint(): string | undefined {
    return this.newest;
  }

  /** Newer checkpoints that cannot be used. */
  get skipped(): readonly CheckpointError[] {
    return this.unusable;
  }

  get lastSession(): RunSession | undefined {
    return this.description.sessions.at(-1);
  }

  /** Whether no session has completed an iteration. */
  get isEmpty(): boolean {
    return this.done === 0 && this.newest === undefined && this.description.sessions.length <= 1;
  }

  /**
   * Trains to the last iteration, or until a stop or a divergence. Writes its files on the way.
   *
   * @throws the device's errors, FileError, FolderLostError; files written before stay usable
   */
  run(
    callbacks: TrainingCallbacks<T['row'], T['samples'], T['evaluation']> = {},
    signal?: AbortSignal,
  ): Promise<TrainingResult> {
    const { evaluate } = this;
    return this.trainer.run(callbacks, {
      signal,
      store: this,
      evaluate,
      stopWhen: () => this.shouldStop(),
      checkpointWhen: () => this.bestIteration?.(this.done) === this.done,
    });
  }

  /** Gives folder and GPU memory back. A new run that failed before its first iteration leaves no folder. */
  close(): void {
    if (this.isEmpty && this.lastSession?.outcome === 'failed') this.folder.discard();
    else this.folder.close();
  }

  begin(iteration: number): void {
    const earlier = this.description.sessions;
    this.session = new Session(this.parts.context, iteration, (session) => {
      this.description = { ...this.description, sessions: [...earlier, session] };
      this.folder.describe(this.description);
    });
    this.folder.checkpoints.tidy(iteration);
    for (const log of this.logs) log.truncate(iteration);
    this.session.update();
  }

  ready(): void {
    this.session?.update();
  }

  writeMetrics(first: number, rows: readonly T['row'][]): void {
    this.parts.metrics.append(numbered(first, rows));
  }

  abstract writeSamples(samples: T['samples'], progress: PhaseProgress): unknown;

  abstract writeEvaluation(evaluation: T['evaluation'], iteration: number): void;

  writeCheckpoint(iteration: number, state: Snapshot): void {
    const { keep } = this.description.arguments;
    for (const log of this.logs) log.flush();
    const all = new Map([...state, ...this.extraState()]);
    this.newest = this.folder.checkpoints.write(iteration, all, this.parts.metadata, {
      newest: keep === 'all' ? undefined : keep,
      best: this.bestIteration?.(iteration),
    });
  }

  async end(result: TrainingResult, progress: PhaseProgress): Promise<void> {
    try {
      await this.finish(result, progress);
    } catch (error) {
      this.fail(error, result.iteration);
      throw error;
    }
    this.session?.end(result);
  }

  fail(error: unknown, iteration: number): void {
    this.session?.fail(error, iteration);
  }

  /** Whether the run stops itself. Asked after each evaluation. */
  protected shouldStop(): boolean {
    return false;
  }

  /** The iteration of the best checkpoint if the run keeps it. A checkpoint of iteration `now` counts as one that exists. */
  protected bestIteration?(now: number): number | undefined;

  /** Tensors that a checkpoint holds besides the trainer's state. */
  protected extraState(): Snapshot {
    return new Map();
  }

  /** Writes what an ended training leaves. */
  protected abstract finish(result: TrainingResult, progress: PhaseProgress): Promise<void>;

  /** A further log, cut and flushed with the metrics. */
  protected addLog<R extends Row>(log: IterationLog<R>): IterationLog<R> {
    this.logs.push(log);
    return log;
  }

  /**
   * Restores the newest usable checkpoint, if any.
   *
   * @param check throws CheckpointError for a checkpoint of another training
   * @param own selects the trainer's tensors
   * @returns undefined if there is no checkpoint yet
   * @throws CheckpointError if there are checkpoints, but none is usable
   */
  protected restoreNewest(
    check: (checkpoint: Checkpoint) => void,
    own: (tensors: Snapshot) => Snapshot = (tensors) => tensors,
  ): Checkpoint | undefined {
    const { checkpoint, skipped } = this.folder.checkpoints.newestToResume((found) => {
      check(found);
      try {
        this.trainer.restore(own(found.tensors), found.path);
      } catch (cause) {
        throw checkpointError(cause);
      }
    });
    this.newest = checkpoint?.path;
    this.unusable = skipped;
    return checkpoint;
  }
}
