/**
 * @file The loop that all trainings share: steps given to the GPU in chunks, what they record read back in bulk, a stop at
 * what is due every so many iterations, checkpoints, and the end where numbers are no longer finite.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { firstNonFinite, restore, snapshot, type Snapshot, type State } from '../data/weights/state.js';

/** Iterations between read-backs at most: rows of a history. */
export const HISTORY = 256;

/** Aim for a read-back this often, in milliseconds. */
const READ_EVERY = 500;

/** The entry of a state that counts the iterations done. */
export const ITERATION = 'iteration';

/** How the message of a {@link DivergedError} ends, by which run.json tells it from other failures. */
const DIVERGED = 'training has diverged';

/** Training has left the finite numbers, and cannot come back. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  /** Whether a message is that of such an error. */
  static isTold(message: string): boolean {
    return message.endsWith(DIVERGED);
  }

  constructor(
    readonly iteration: number,
    what: string,
  ) {
    super(`${what} at iteration ${iteration}: ${DIVERGED}`);
  }
}

/** What trains. */
export interface Trainable<Row> {
  readonly device: Device;
  /** All that a checkpoint holds; {@link ITERATION} is among it. */
  readonly state: State;
  /** [HISTORY, columns]: a step writes a row of it, that of its iteration modulo HISTORY, see `recordScalars`. */
  readonly history: DeviceBuffer;
  /** What a row of the history tells. */
  readonly rowOf: (values: Float32Array) => Row;
  /** Whether the losses of a row are finite. */
  readonly isFinite: (row: Row) => boolean;
}

/** How a training is to go. */
export interface LoopOptions {
  /** Iterations in all. */
  readonly iterations: number;
  /** Checkpoints are made after every so many iterations, and after the last or a stop; there alone where absent. */
  readonly checkpointEvery?: number | undefined;
  /** Gives one iteration, counted from 0, to the GPU. */
  readonly step: (iteration: number) => void;
  /** Is waited for after every so many iterations, and after the last. */
  readonly pause?: { readonly every: number; readonly then: () => unknown } | undefined;
}

/** What is told on the way. */
export interface LoopObserver<Row> {
  /** The rows of the iterations first, first + 1, … (counted from 1). */
  metrics?(first: number, rows: readonly Row[]): void;
  /** The state after an iteration, all of it finite. Told after the pause of that iteration. */
  checkpoint?(iteration: number, state: Snapshot): void;
}

/** Counts a training's iterations, and runs them. */
export class TrainingLoop<Row> {
  private iteration = 0;

  constructor(private readonly trained: Trainable<Row>) {}

  /** Iterations done. */
  get done(): number {
    return this.iteration;
  }

  /** All that a checkpoint holds. */
  snapshot(): Promise<Snapshot> {
    return snapshot(this.trained.device, this.trained.state);
  }

  /**
   * Goes on from a snapshot.
   *
   * @param source what it came from, for the message
   * @throws Error where the snapshot is of another network
   */
  restore(values: Snapshot, source: string): void {
    restore(this.trained.device, this.trained.state, values, source);
    this.iteration = values.get(ITERATION)?.values[0] ?? 0;
  }

  /**
   * Runs to the last iteration, or until `signal` is aborted, which ends it at the next one with a checkpoint.
   *
   * @throws DivergedError when a loss or a number of the state is no longer finite; the device's errors
   */
  async run(course: LoopOptions, observer: LoopObserver<Row>, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const { iterations, checkpointEvery = Infinity, step, pause } = course;
    const every = [pause?.every ?? Infinity, checkpointEvery];
    const stopping = (): boolean => signal?.aborted === true;
    let chunk = 1;
    while (this.iteration < iterations && !stopping()) {
      const next = every.map((each) => nextMultiple(this.iteration, each));
      const count = Math.min(chunk, HISTORY, Math.min(...next, iterations) - this.iteration);
      const start = performance.now();
      for (let i = 0; i < count; i++) step(this.iteration + i);
      const rows = await this.readRows(this.iteration, count);
      const first = this.iteration + 1;
      this.iteration += count;
      chunk = Math.max(1, Math.round((READ_EVERY * count) / (performance.now() - start)));

      const bad = rows.findIndex((row) => !this.trained.isFinite(row));
      observer.metrics?.(first, bad < 0 ? rows : rows.slice(0, bad));
      if (bad >= 0) throw new DivergedError(first + bad, 'the loss is not a finite number');
      const last = this.iteration === iterations;
      if (pause !== undefined && (last || this.iteration % pause.every === 0)) await pause.then();
      if (last || this.iteration % checkpointEvery === 0 || stopping()) await this.checkpoint(observer);
    }
    return this.iteration < iterations ? 'stopped' : 'finished';
  }

  private async checkpoint(observer: LoopObserver<Row>): Promise<void> {
    if (observer.checkpoint === undefined) return;
    const state = await this.snapshot();
    const bad = firstNonFinite(state);
    if (bad !== undefined) throw new DivergedError(this.iteration, `${bad} is no longer finite`);
    observer.checkpoint(this.iteration, state);
  }

  private async readRows(first: number, count: number): Promise<Row[]> {
    const { device, history, rowOf } = this.trained;
    const [bytes] = await device.read(history);
    const values = new Float32Array(bytes ?? new ArrayBuffer(0));
    const columns = history.size / 4 / HISTORY;
    return Array.from({ length: count }, (_, index) => {
      const row = (first + index) % HISTORY;
      return rowOf(values.subarray(row * columns, (row + 1) * columns));
    });
  }
}

function nextMultiple(iteration: number, every: number): number {
  return every === Infinity ? Infinity : iteration + every - (iteration % every);
}
