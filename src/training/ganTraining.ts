/**
 * @file The training loop: batches in, replayed steps, losses read back in bulk, samples every so many iterations.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../autograd/engine.js';
import type { Tensor } from '../autograd/tensor.js';
import { Batches, fillImages } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Plan, PlanMemory } from '../gpu/plan.js';
import { ARCHITECTURES, type ArchitectureName } from '../models/architectures.js';
import { normal } from '../models/initialisers.js';
import { linearWalk } from './latent.js';
import { Gan, METRICS, type MetricName, type Metrics } from './gan.js';
import { firstNonFinite, restore, snapshot, type Snapshot } from './state.js';

export interface GanTrainingOptions {
  readonly architecture: ArchitectureName;
  readonly zDim: number;
  readonly width: number;
  readonly batch: number;
  readonly iterations: number;
  /** Samples are drawn after every so many iterations, and after the last. */
  readonly sampleEvery: number;
  /** Checkpoints are made after every so many iterations, and after the last or a stop; there alone where absent. */
  readonly checkpointEvery?: number;
  readonly seed: string;
  /** Runs every step eagerly, kernel by kernel, instead of replaying a recording: slower, same bits. */
  readonly eager?: boolean;
}

/** Images of the generator, NHWC in [−1, 1]. */
export interface Samples {
  readonly iteration: number;
  /** 25 images, from the z that stay the same all through the run. */
  readonly fixed: Float32Array;
  /** 25 images, from z drawn anew. */
  readonly fresh: Float32Array;
  /** 11 images, from the straight line between two z that stay the same all through the run, both ends included. */
  readonly walk: Float32Array;
}

type SampleTensors = Readonly<Record<'fixed' | 'fresh' | 'walk', Tensor>>;

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

/** What is told while training runs. */
export interface TrainingObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  /** The step is recorded and ready; undefined memory in eager mode. */
  ready?(memory: PlanMemory | undefined): void;
  /** The metrics of the iterations first, first + 1, … (counted from 1). */
  metrics?(first: number, rows: readonly Metrics[]): void;
  /** Training waits for what it returns. */
  samples?(samples: Samples): unknown;
  /** The state after an iteration, all of it finite. Told after the samples of that iteration. */
  checkpoint?(iteration: number, state: Snapshot): void;
}

export const SAMPLE_COUNT = 25;

/** Images of a walk. */
export const WALK_STEPS = 11;

/** Side of the images that the architectures are made for. */
const IMAGE_SIDE = 28;

/** Iterations between read-backs at most: the history's length. */
const HISTORY = 256;

/** Aim for a read-back this often, in milliseconds. */
const READ_EVERY = 500;

/** A GAN with its data and its recorded step. */
export class GanTraining {
  readonly gan: Gan;
  private readonly batches: Batches;
  private readonly fixedZ: Tensor;
  private readonly walkZ: Tensor;
  private readonly images: Float32Array;
  private iteration = 0;

  /**
   * @throws Error when the options do not fit together.
   */
  constructor(
    readonly engine: Engine,
    readonly dataset: ImageDataset,
    readonly options: GanTrainingOptions,
  ) {
    const { architecture, zDim, width, batch, seed } = options;
    if (dataset.height !== IMAGE_SIDE || dataset.width !== IMAGE_SIDE) {
      const side = `${IMAGE_SIDE} × ${IMAGE_SIDE}`;
      throw new Error(
        `${dataset.name} holds ${dataset.height} × ${dataset.width} images; the networks are for ${side}`,
      );
    }
    this.gan = new Gan(engine, {
      architecture: ARCHITECTURES[architecture],
      zDim,
      width,
      batch,
      imageHeight: dataset.height,
      imageWidth: dataset.width,
      channels: dataset.channels,
      seed: seedrandom(`${seed}/gpu`).int32() >>> 0,
      random: seedrandom(`${seed}/parameters`),
      historyCapacity: HISTORY,
    });
    const { realImages } = this.gan;
    this.batches = new Batches(dataset.count, realImages.shape[0] ?? batch, `${seed}/batches`);
    this.images = new Float32Array(realImages.size);
    const z = normal(1)([SAMPLE_COUNT, zDim], seedrandom(`${seed}/fixed z`));
    this.fixedZ = engine.tensor(z, [SAMPLE_COUNT, zDim], { name: 'fixed z' });
    const ends = normal(1)([2, zDim], seedrandom(`${seed}/walk`));
    const walk = linearWalk(ends.subarray(0, zDim), ends.subarray(zDim), WALK_STEPS);
    this.walkZ = engine.tensor(walk, [WALK_STEPS, zDim], { name: 'walk z' });
  }

  /** Iterations done. */
  get done(): number {
    return this.iteration;
  }

  /** All that a checkpoint holds. */
  snapshot(): Promise<Snapshot> {
    return snapshot(this.engine.device, this.gan.state);
  }

  /**
   * Goes on from a snapshot of a training with the same options.
   *
   * @param source what it came from, for the message
   * @throws Error where the snapshot is of another network
   */
  restore(values: Snapshot, source: string): void {
    restore(this.engine.device, this.gan.state, values, source);
    this.iteration = values.get('iteration')?.values[0] ?? 0;
  }

  /**
   * Trains to the last iteration, or until `signal` is aborted, which ends it at the next one with a checkpoint.
   *
   * @throws DivergedError when a loss or a weight is no longer finite; the device's errors
   */
  async run(observer: TrainingObserver = {}, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const { engine, gan, options } = this;
    const { eager = false } = options;
    const tuning = observer.tuning?.bind(observer);
    const step = (): undefined => {
      gan.step();
    };
    const plan = eager ? undefined : await engine.record(step, tuning);
    if (eager) await engine.prepare(step, tuning);
    const sampling = await engine.record(() => this.drawSamples());
    observer.ready?.(plan?.memory);
    try {
      return await this.loop(
        observer,
        () => (plan === undefined ? engine.scope(step) : plan.replay()),
        sampling,
        signal,
      );
    } finally {
      sampling.dispose();
      plan?.dispose();
    }
  }

  dispose(): void {
    this.gan.dispose();
    this.fixedZ.free();
    this.walkZ.free();
  }

  private async loop(
    observer: TrainingObserver,
    step: () => void,
    sampling: Plan<SampleTensors>,
    signal: AbortSignal | undefined,
  ): Promise<'finished' | 'stopped'> {
    const { iterations, sampleEvery, checkpointEvery = Infinity } = this.options;
    const stopping = (): boolean => signal?.aborted === true;
    let chunk = 1;
    while (this.iteration < iterations && !stopping()) {
      const next = [sampleEvery, checkpointEvery].map((every) => nextMultiple(this.iteration, every));
      const count = Math.min(chunk, HISTORY, Math.min(...next, iterations) - this.iteration);
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        fillImages(this.dataset, this.batches.batchAt(this.iteration + i), this.images);
        this.gan.realImages.write(this.images);
        step();
      }
      const rows = await this.readMetrics(this.iteration, count);
      const first = this.iteration + 1;
      this.iteration += count;
      chunk = Math.max(1, Math.round((READ_EVERY * count) / (performance.now() - start)));

      const bad = rows.findIndex((row) => !isFinite(row));
      observer.metrics?.(first, bad < 0 ? rows : rows.slice(0, bad));
      if (bad >= 0) throw new DivergedError(first + bad, 'the loss is not a finite number');
      const last = this.iteration === iterations;
      if (last || this.iteration % sampleEvery === 0) await observer.samples?.(await this.readSamples(sampling));
      if (last || this.iteration % checkpointEvery === 0 || stopping()) await this.checkpoint(observer);
    }
    return this.iteration < iterations ? 'stopped' : 'finished';
  }

  private async checkpoint(observer: TrainingObserver): Promise<void> {
    if (observer.checkpoint === undefined) return;
    const state = await this.snapshot();
    const bad = firstNonFinite(state);
    if (bad !== undefined) throw new DivergedError(this.iteration, `${bad} is no longer finite`);
    observer.checkpoint(this.iteration, state);
  }

  private async readSamples(sampling: Plan<SampleTensors>): Promise<Samples> {
    sampling.replay();
    const { fixed, fresh, walk } = sampling.results;
    const bytes = await this.engine.device.read(fixed.buffer, fresh.buffer, walk.buffer);
    const images = (index: number, { size }: Tensor): Float32Array => {
      return new Float32Array(bytes[index] ?? new ArrayBuffer(0), 0, size);
    };
    return { iteration: this.iteration, fixed: images(0, fixed), fresh: images(1, fresh), walk: images(2, walk) };
  }

  private drawSamples(): SampleTensors {
    const { gan } = this;
    return {
      fixed: gan.sample(this.fixedZ),
      fresh: gan.sample(gan.freshZ(SAMPLE_COUNT)),
      walk: gan.sample(this.walkZ),
    };
  }

  private async readMetrics(first: number, count: number): Promise<Metrics[]> {
    const [bytes] = await this.engine.device.read(this.gan.history);
    const values = new Float32Array(bytes ?? new ArrayBuffer(0));
    return Array.from({ length: count }, (_, index) => {
      const row = ((first + index) % HISTORY) * METRICS.length;
      const at = (metric: MetricName): number => {
        return values[row + METRICS.indexOf(metric)] ?? NaN;
      };
      return {
        generatorLoss: at('generatorLoss'),
        discriminatorLoss: at('discriminatorLoss'),
        realCalledReal: at('realCalledReal'),
        fakeCalledFake: at('fakeCalledFake'),
        fakeCalledReal: at('fakeCalledReal'),
      };
    });
  }
}

function nextMultiple(iteration: number, every: number): number {
  return every === Infinity ? Infinity : iteration + every - (iteration % every);
}

function isFinite(row: Metrics): boolean {
  return Number.isFinite(row.generatorLoss) && Number.isFinite(row.discriminatorLoss);
}
