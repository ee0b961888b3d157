/**
 * @file A GAN's training: batches in, replayed steps, samples every so many iterations.
 */
import type { Engine } from '../autograd/engine.js';
import type { Tensor } from '../autograd/tensor.js';
import { Batches, fillImages } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import { randomStream } from '../data/randomStreams.js';
import type { Plan, PlanMemory } from '../gpu/plan/plan.js';
import { ARCHITECTURES, type ArchitectureName } from '../models/networks/architectures.js';
import { classCounts } from './conditioning.js';
import { Gan } from './gan.js';
import { metricsOf, type Metrics } from './ganMetrics.js';
import { HISTORY, type LoopObserver, TrainingLoop } from './loop.js';
import type { ObjectiveOptions } from './settings.js';
import { SamplePoints } from './samplePoints.js';
import type { Snapshot } from '../data/weights/state.js';

export interface GanTrainingOptions {
  readonly architecture: ArchitectureName;
  /** What the networks learn; `bce`, by the architecture's settings, where absent. */
  readonly objective?: ObjectiveOptions | undefined;
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

/** Images of the generator, NHWC in [−1, 1]: how many of each says samplePoints.ts. Of a conditional GAN a row for each class. */
export interface Samples {
  readonly iteration: number;
  /** From the z that stay the same all through the run. */
  readonly fixed: Float32Array;
  /** From z drawn anew. */
  readonly fresh: Float32Array;
  /** From the straight line between two z that stay the same all through the run, both ends included. */
  readonly walk: Float32Array;
}

type SampleTensors = Readonly<Record<'fixed' | 'fresh' | 'walk', Tensor>>;

/** What is told while training runs. */
export interface TrainingObserver extends LoopObserver<Metrics> {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  /** The step is recorded and ready; undefined memory in eager mode. */
  ready?(memory: PlanMemory | undefined): void;
  /** Training waits for what it returns. */
  samples?(samples: Samples): unknown;
}

/** Side of the images that the architectures are made for. */
const IMAGE_SIDE = 28;

/** A GAN with its data and its recorded step. */
export class GanTraining {
  readonly gan: Gan;
  private readonly batches: Batches;
  private readonly points: SamplePoints;
  private readonly images: Float32Array;
  private readonly loop: TrainingLoop<Metrics>;

  /**
   * @throws Error when the options do not fit together.
   */
  constructor(
    readonly engine: Engine,
    readonly dataset: ImageDataset,
    readonly options: GanTrainingOptions,
  ) {
    const { architecture, objective, zDim, width, batch, seed } = options;
    if (dataset.height !== IMAGE_SIDE || dataset.width !== IMAGE_SIDE) {
      const side = `${IMAGE_SIDE} × ${IMAGE_SIDE}`;
      throw new Error(
        `${dataset.name} holds ${dataset.height} × ${dataset.width} images; the networks are for ${side}`,
      );
    }
    this.gan = new Gan(engine, {
      architecture: ARCHITECTURES[architecture],
      objective,
      zDim,
      width,
      batch,
      imageHeight: dataset.height,
      imageWidth: dataset.width,
      channels: dataset.channels,
      classShares: objective?.conditional === true ? classCounts(dataset) : undefined,
      seed: randomStream(seed, 'gpu').int32() >>> 0,
      random: randomStream(seed, 'parameters'),
      historyCapacity: HISTORY,
    });
    const { realImages } = this.gan;
    this.batches = new Batches(dataset.count, realImages.shape[0] ?? batch, `${seed}/batches`);
    this.images = new Float32Array(realImages.size);
    this.points = new SamplePoints(engine, zDim, seed, this.gan.objective.conditional);
    const { state, history } = this.gan;
    const { loss } = this.gan.objective;
    const rowOf = (row: Float32Array): Metrics => metricsOf(row, loss);
    this.loop = new TrainingLoop({ device: engine.device, state, history, rowOf, isFinite });
  }

  /** Iterations done. */
  get done(): number {
    return this.loop.done;
  }

  /** All that a checkpoint holds. */
  snapshot(): Promise<Snapshot> {
    return this.loop.snapshot();
  }

  /**
   * Goes on from a snapshot of a training with the same options.
   *
   * @param source what it came from, for the message
   * @throws Error where the snapshot is of another network
   */
  restore(values: Snapshot, source: string): void {
    this.loop.restore(values, source);
  }

  /**
   * Trains to the last iteration, or until `signal` is aborted, which ends it at the next one with a checkpoint.
   *
   * @throws DivergedError when a loss or a weight is no longer finite; the device's errors
   */
  async run(observer: TrainingObserver = {}, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const { engine, gan, options } = this;
    const { eager = false, iterations, checkpointEvery, sampleEvery } = options;
    const tuning = observer.tuning?.bind(observer);
    const step = (): undefined => {
      gan.step();
    };
    const plan = eager ? undefined : await engine.record(step, tuning);
    if (eager) await engine.prepare(step, tuning);
    const sampling = await engine.record(() => this.drawSamples());
    observer.ready?.(plan?.memory);
    const give = (iteration: number): void => {
      const batch = this.batches.batchAt(iteration);
      fillImages(this.dataset, batch, this.images);
      gan.realImages.write(this.images);
      gan.conditioning?.write(Array.from(batch, (index) => this.dataset.labels[index]!));
      if (plan === undefined) engine.scope(step);
      else plan.replay();
    };
    const look = async (): Promise<unknown> => observer.samples?.(await this.readSamples(sampling));
    try {
      const course = { iterations, checkpointEvery, step: give, pause: { every: sampleEvery, then: look } };
      return await this.loop.run(course, observer, signal);
    } finally {
      sampling.dispose();
      plan?.dispose();
    }
  }

  dispose(): void {
    this.gan.dispose();
    this.points.dispose();
  }

  private async readSamples(sampling: Plan<SampleTensors>): Promise<Samples> {
    sampling.replay();
    const { fixed, fresh, walk } = sampling.results;
    const bytes = await this.engine.device.read(fixed.buffer, fresh.buffer, walk.buffer);
    const images = (index: number, { size }: Tensor): Float32Array => {
      return new Float32Array(bytes[index] ?? new ArrayBuffer(0), 0, size);
    };
    return { iteration: this.done, fixed: images(0, fixed), fresh: images(1, fresh), walk: images(2, walk) };
  }

  private drawSamples(): SampleTensors {
    const { gan, points } = this;
    return {
      fixed: gan.sample(points.fixed),
      fresh: gan.sample(points.fresh(gan.freshZ(points.freshCount))),
      walk: gan.sample(points.walk),
    };
  }
}

function isFinite(row: Metrics): boolean {
  return Number.isFinite(row.generatorLoss) && Number.isFinite(row.discriminatorLoss);
}
