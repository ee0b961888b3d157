/**
 * @file Trains any {@link Trainable}: batch → step → metrics → samples → evaluation → checkpoint.
 *
 * Uses no Node module. Files, pictures and evaluations come in through interfaces.
 */
import { firstNonFinite, restore, snapshot, type Snapshot, type State } from '../data/weights/state.js';
import type { Device } from '../gpu/device.js';
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { PlanMemory } from '../gpu/plan/plan.js';
import type { TuningProgress } from '../kernels/gemm/tuner.js';
import { Stopwatch } from './stopwatch.js';

/** Rows of the scalar ring: the most iterations between two read-backs. */
export const RING_CAPACITY = 256;

/** Target interval of read-backs, in milliseconds. */
const READ_EVERY = 500;

/**
 * Share of the samples' interval after which the first samples are drawn, without an evaluation, and the fewest iterations for
 * which that is worth a picture.
 */
const EARLY = { share: 1 / 5, least: 10 };

/** The entry of a state that counts completed iterations. */
export const ITERATION = 'iteration';

/** When a training ends, and when it stops for samples and checkpoints. */
export interface Schedule {
  /** Total iterations. */
  readonly iterations: number;
  /** Interval of samples and evaluations, in iterations. Both also follow the last iteration. */
  readonly sampleEvery: number;
  /** Draws the first samples after a fifth of the interval. Default: true. */
  readonly samplesEarly?: boolean | undefined;
  /** Checkpoint interval, in iterations. If absent: only at the end or on stop. */
  readonly checkpointEvery?: number | undefined;
}

/** What a {@link Trainer} trains: networks, data and the recorded step. */
export interface Trainable<Row, Samples> {
  readonly device: Device;
  readonly schedule: Schedule;
  /** Everything that a checkpoint holds, including {@link ITERATION}. */
  readonly state: State;
  /** [RING_CAPACITY, columns]. The step writes row `iteration % RING_CAPACITY`, see `recordScalars`. */
  readonly scalarRing: DeviceBuffer;
  /** Names the values of a row of the ring. */
  rowOf(values: Float32Array): Row;
  /** Whether the losses of a row are finite. */
  isFinite(row: Row): boolean;
  /** Compiles and records the step. */
  record(tuning?: TuningProgress): Promise<RecordedTraining<Samples>>;
}

/** A step that is ready to run. */
export interface RecordedTraining<Samples> {
  /** Undefined if steps run eagerly. */
  readonly memory: PlanMemory | undefined;
  /** Uploads the batch of an iteration, counted from 0, and enqueues its step. */
  step(iteration: number): void;
  /** Draws samples after `iteration` iterations. */
  samples?(iteration: number): Promise<Samples>;
  dispose(): void;
}

/** Work between iterations. `preparation` occurs once, before the first `evaluation`. */
export type TrainingPhase = 'pictures' | 'preparation' | 'evaluation' | 'checkpoint';

/** Reports the current step of a phase, and how many of its parts are complete. */
export type PhaseProgress = (phase: TrainingPhase, step: string, done: number, total: number) => void;

/** Callbacks of a training. What they throw ends the training. */
export interface TrainingCallbacks<Row, Samples = undefined, Evaluation = undefined> {
  readonly tuning?: TuningProgress;
  /** The step is recorded. Without memory in eager mode. */
  readonly ready?: (memory: PlanMemory | undefined) => void;
  /** The rows of iterations `first`, `first + 1`, …, counted from 1. */
  readonly metrics?: (first: number, rows: readonly Row[]) => void;
  readonly phase?: PhaseProgress;
  readonly phaseEnded?: (phase: TrainingPhase) => void;
  /** Training waits for the result. */
  readonly samples?: (samples: Samples) => unknown;
  readonly evaluation?: (evaluation: Evaluation, iteration: number) => void;
  /** The state after an iteration; all numbers are finite. */
  readonly checkpoint?: (iteration: number, state: Snapshot) => void;
}

/** Keeps the results of a training. The trainer waits for each method. */
export interface TrainingStore<Row, Samples, Evaluation> {
  /** Training starts after `iteration` iterations: later results of an earlier session are discarded. */
  begin(iteration: number): unknown;
  /** The step is recorded: its kernels are chosen. */
  ready(): unknown;
  writeMetrics(first: number, rows: readonly Row[]): unknown;
  writeSamples(samples: Samples, progress: PhaseProgress): unknown;
  writeEvaluation(evaluation: Evaluation, iteration: number): unknown;
  writeCheckpoint(iteration: number, state: Snapshot): unknown;
  /** Training ended. Records a failure of its own. */
  end(result: TrainingResult, progress: PhaseProgress): unknown;
  /** An error ended training after `iteration` iterations. */
  fail(error: unknown, iteration: number): unknown;
}

/** What a training works with besides the {@link Trainable}. */
export interface TrainingParts<Row, Samples, Evaluation> {
  /** Ends training at the next iteration, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly store?: TrainingStore<Row, Samples, Evaluation> | undefined;
  /** Evaluates the networks after samples. Throws {@link DivergedError} for networks with non-finite numbers. */
  readonly evaluate?: ((iteration: number, progress: PhaseProgress) => Promise<Evaluation>) | undefined;
  /** Whether an evaluation ends training, with a checkpoint. */
  readonly stopWhen?: ((evaluation: Evaluation) => boolean) | undefined;
  /** Whether a checkpoint follows an evaluation, beyond those of the schedule: such as after the best one so far. */
  readonly checkpointWhen?: ((evaluation: Evaluation) => boolean) | undefined;
}

/** `diverged`: a loss, a weight or a moment is not finite. */
export type TrainingOutcome = 'finished' | 'stopped' | 'diverged';

/** How a training ended. */
export interface TrainingResult {
  readonly outcome: TrainingOutcome;
  /** Completed iterations. If diverged: the first iteration whose numbers are not finite. */
  readonly iteration: number;
  /** If diverged: which number is not finite. */
  readonly reason?: string;
  /** Without the first iterations, which compile kernels, and without samples and evaluations. */
  readonly iterationsPerSecond?: number | undefined;
}

/** Training has reached non-finite numbers. A {@link Trainer} turns this error into the outcome `diverged`. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  constructor(
    readonly iteration: number,
    readonly reason: string,
  ) {
    super(divergence({ iteration, reason }));
  }
}

/** Describes a divergence: `the loss is not finite at iteration 12`. */
export function divergence({
  iteration,
  reason = 'a number is not finite',
}: {
  readonly iteration: number;
  readonly reason?: string | undefined;
}): string {
  return `${reason} at iteration ${iteration}`;
}

/** Trains a {@link Trainable}. */
export class Trainer<Row, Samples> {
  private iteration = 0;

  constructor(private readonly training: Trainable<Row, Samples>) {}

  /** Completed iterations. */
  get done(): number {
    return this.iteration;
  }

  /** Reads everything that a checkpoint holds. */
  snapshot(): Promise<Snapshot> {
    return snapshot(this.training.device, this.training.state);
  }

  /**
   * Resumes from a snapshot of a training with the same options.
   *
   * @param source names the snapshot in errors
   * @throws Error if the snapshot is of another network
   */
  restore(values: Snapshot, source: string): void {
    restore(this.training.device, this.training.state, values, source);
    this.iteration = values.get(ITERATION)?.values[0] ?? 0;
  }

  /**
   * Trains to the last iteration, or until a stop or a divergence. Steps are enqueued in chunks, so that the GPU never
   * waits for the host; after each chunk the metrics are read back at once.
   *
   * @throws the device's errors, and those of callbacks and store; {@link TrainingStore.fail} is called first
   */
  async run<Evaluation = undefined>(
    callbacks: TrainingCallbacks<Row, Samples, Evaluation> = {},
    parts: TrainingParts<Row, Samples, Evaluation> = {},
  ): Promise<TrainingResult> {
    const { training } = this;
    const { iterations, sampleEvery, samplesEarly = true, checkpointEvery = Infinity } = training.schedule;
    const { signal, store, evaluate, stopWhen, checkpointWhen } = parts;
    const early = samplesEarly ? earlySamples(sampleEvery) : 0;
    const phases = new Phases(callbacks);
    const stopwatch = new Stopwatch();
    let recorded: RecordedTraining<Samples> | undefined;
    let diverged: DivergedError | undefined;
    // A function: an abort happens while the loop waits.
    const isAborted = (): boolean => signal?.aborted === true;
    let isToStop = false;
    let chunk = 1;
    try {
      await store?.begin(this.iteration);
      recorded = await training.record(callbacks.tuning);
      await store?.ready();
      callbacks.ready?.(recorded.memory);

      while (this.iteration < iterations && !isToStop && !isAborted()) {
        // Batch and step.
        const next = Math.min(
          nextMultiple(this.iteration, sampleEvery),
          nextMultiple(this.iteration, checkpointEvery),
          this.iteration < early ? early : Infinity,
        );
        const count = Math.min(chunk, RING_CAPACITY, Math.min(next, iterations) - this.iteration);
        const start = performance.now();
        for (let i = 0; i < count; i++) recorded.step(this.iteration + i);

        // Metrics.
        const rows = await this.readRows(this.iteration, count);
        const first = this.iteration + 1;
        this.iteration += count;
        chunk = Math.max(1, Math.round((READ_EVERY * count) / (performance.now() - start)));
        const bad = rows.findIndex((row) => !training.isFinite(row));
        const finite = bad < 0 ? rows : rows.slice(0, bad);
        await store?.writeMetrics(first, finite);
        stopwatch.count(finite.length);
        callbacks.metrics?.(first, finite);
        if (bad >= 0) throw new DivergedError(first + bad, 'the loss is not finite');

        const isLast = this.iteration === iterations;
        let isToKeep = false;
        const isSampled = isLast || this.iteration % sampleEvery === 0;
        if (isSampled || this.iteration === early) {
          stopwatch.pause();
          // Samples.
          if (store !== undefined || callbacks.samples !== undefined) {
            const samples = await recorded.samples?.(this.iteration);
            if (samples !== undefined) {
              await store?.writeSamples(samples, phases.report);
              phases.end();
              await callbacks.samples?.(samples);
            }
          }
          // Evaluation.
          if (evaluate !== undefined && isSampled) {
            const evaluation = await evaluate(this.iteration, phases.report);
            await store?.writeEvaluation(evaluation, this.iteration);
            phases.end();
            callbacks.evaluation?.(evaluation, this.iteration);
            isToStop = stopWhen?.(evaluation) === true;
            isToKeep = checkpointWhen?.(evaluation) === true;
          }
          stopwatch.resume();
        }

        // Checkpoint.
        const isDue = isLast || isToStop || isToKeep || this.iteration % checkpointEvery === 0 || isAborted();
        if (isDue && (store !== undefined || callbacks.checkpoint !== undefined)) {
          const state = await this.snapshot();
          const name = firstNonFinite(state);
          if (name !== undefined) throw new DivergedError(this.iteration, `${name} is not finite`);
          phases.report('checkpoint', 'writing a checkpoint', 0, 1);
          await store?.writeCheckpoint(this.iteration, state);
          phases.end();
          callbacks.checkpoint?.(this.iteration, state);
        }
      }
    } catch (error) {
      if (!(error instanceof DivergedError)) {
        await store?.fail(error, this.iteration);
        throw error;
      }
      diverged = error;
    } finally {
      recorded?.dispose();
    }

    const result: TrainingResult = {
      outcome: diverged !== undefined ? 'diverged' : this.iteration < iterations ? 'stopped' : 'finished',
      iteration: diverged?.iteration ?? this.iteration,
      ...(diverged === undefined ? {} : { reason: diverged.reason }),
      iterationsPerSecond: stopwatch.iterationsPerSecond,
    };
    await store?.end(result, phases.report);
    phases.end();
    return result;
  }

  private async readRows(first: number, count: number): Promise<Row[]> {
    const { device, scalarRing } = this.training;
    const [bytes] = await device.read(scalarRing);
    const values = new Float32Array(bytes ?? new ArrayBuffer(0));
    const columns = scalarRing.size / 4 / RING_CAPACITY;
    return Array.from({ length: count }, (_, index) => {
      const row = (first + index) % RING_CAPACITY;
      return this.training.rowOf(values.subarray(row * columns, (row + 1) * columns));
    });
  }
}

/** Passes the progress of phases on, and reports the end of each. */
class Phases {
  private current: TrainingPhase | undefined;

  constructor(private readonly callbacks: Pick<TrainingCallbacks<never>, 'phase' | 'phaseEnded'>) {}

  /** A phase begins or advances. It ends the phase before. */
  readonly report: PhaseProgress = (phase, ...step) => {
    if (phase !== this.current) this.end();
    this.current = phase;
    this.callbacks.phase?.(phase, ...step);
  };

  /** The current phase, if any, ended. */
  end(): void {
    if (this.current !== undefined) this.callbacks.phaseEnded?.(this.current);
    this.current = undefined;
  }
}

/** The iteration of the early samples; 0 without. */
function earlySamples(sampleEvery: number): number {
  const iteration = Math.floor(sampleEvery * EARLY.share);
  return iteration >= EARLY.least && Number.isFinite(iteration) ? iteration : 0;
}

function nextMultiple(iteration: number, every: number): number {
  return every === Infinity ? Infinity : iteration + every - (iteration % every);
}
