/**
 * @file Makes a GAN trainable: its data, its recorded step, and its samples.
 *
 * Uses no Node module.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import { Batches, fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';
import { randomStream } from '../../data/randomStreams.js';
import type { State } from '../../data/weights/state.js';
import { classCounts } from '../../gan/conditioning.js';
import { Gan } from '../../gan/gan.js';
import { metricsOf, type Metrics } from '../../gan/ganMetrics.js';
import type { ObjectiveOptions } from '../../gan/settings.js';
import { SamplePoints } from '../../gan/samplePoints.js';
import type { Device } from '../../gpu/device.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Plan } from '../../gpu/plan/plan.js';
import type { TuningProgress } from '../../kernels/gemm/tuner.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import { RING_CAPACITY, type RecordedTraining, type Schedule, type Trainable } from '../trainer.js';

/** Options of {@link GanTraining}. */
export interface GanTrainingOptions extends Schedule {
  readonly architecture: ArchitectureName;
  /** What the networks learn. If absent: `bce` with the architecture's settings. */
  readonly objective?: ObjectiveOptions | undefined;
  readonly zDim: number;
  /** Factor on all channel counts. */
  readonly width: number;
  readonly batch: number;
  /** Decides initial parameters, batches, z and dropout. */
  readonly seed: string;
  /** Runs every step kernel by kernel instead of replaying a recording: slower, same bits. */
  readonly eager?: boolean;
}

/** Generated images, NHWC in [−1, 1]; samplePoints.ts has the counts. A conditional GAN gives a row for each class. */
export interface Samples {
  readonly iteration: number;
  /** From z that stay the same throughout the run. */
  readonly fixed: Float32Array;
  /** From new z. */
  readonly fresh: Float32Array;
  /** From the straight line between two z that stay the same throughout the run, both ends included. */
  readonly walk: Float32Array;
}

type SampleTensors = Readonly<Record<'fixed' | 'fresh' | 'walk', Tensor>>;

/** Side of the images that the architectures generate. */
const IMAGE_SIDE = 28;

/** A GAN with its data. */
export class GanTraining implements Trainable<Metrics, Samples> {
  readonly gan: Gan;
  private readonly batches: Batches;
  private readonly points: SamplePoints;
  /** The current batch on the host. */
  private readonly images: Float32Array;

  /** @throws Error if the options do not fit together, or the dataset has images of another size */
  constructor(
    readonly engine: Engine,
    readonly dataset: ImageDataset,
    readonly options: GanTrainingOptions,
  ) {
    const { architecture, objective, zDim, width, batch, seed } = options;
    if (dataset.height !== IMAGE_SIDE || dataset.width !== IMAGE_SIDE) {
      const side = `${IMAGE_SIDE} × ${IMAGE_SIDE}`;
      throw new Error(`${dataset.name} has ${dataset.height} × ${dataset.width} images; the networks take ${side}`);
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
      ringCapacity: RING_CAPACITY,
    });
    const { realImages } = this.gan;
    this.batches = new Batches(dataset.count, realImages.shape[0] ?? batch, `${seed}/batches`);
    this.images = new Float32Array(realImages.size);
    this.points = new SamplePoints(engine, zDim, seed, this.gan.objective.conditional);
  }

  get device(): Device {
    return this.engine.device;
  }

  get schedule(): Schedule {
    const { iterations, sampleEvery, checkpointEvery, architecture } = this.options;
    // The article draws at every 1,000th iteration and at no other.
    return { iterations, sampleEvery, checkpointEvery, samplesEarly: architecture !== 'article' };
  }

  get state(): State {
    return this.gan.state;
  }

  get scalarRing(): DeviceBuffer {
    return this.gan.scalarRing;
  }

  rowOf(values: Float32Array): Metrics {
    return metricsOf(values, this.gan.objective.loss);
  }

  isFinite({ generatorLoss, discriminatorLoss }: Metrics): boolean {
    return Number.isFinite(generatorLoss) && Number.isFinite(discriminatorLoss);
  }

  /** Records the step and the drawing of samples. */
  async record(tuning?: TuningProgress): Promise<RecordedTraining<Samples>> {
    const { engine, gan, options } = this;
    const step = (): undefined => {
      gan.step();
    };
    const plan = options.eager === true ? undefined : await engine.record(step, tuning);
    if (plan === undefined) await engine.prepare(step, tuning);
    // While the first iteration runs: it does not wait for the kernels of the samples.
    let sampling: Promise<Plan<SampleTensors>> | undefined;
    const recordSampling = (): Promise<Plan<SampleTensors>> => {
      sampling ??= engine.recordUntuned(() => this.drawSamples());
      // Who draws samples sees the failure.
      sampling.catch(() => undefined);
      return sampling;
    };
    return {
      memory: plan?.memory,
      step: (iteration) => {
        this.uploadBatch(iteration);
        if (plan === undefined) engine.scope(step);
        else plan.replay();
        void recordSampling();
      },
      samples: async (iteration) => this.readSamples(iteration, await recordSampling()),
      dispose: () => {
        sampling?.then((drawing) => drawing.dispose()).catch(() => undefined);
        plan?.dispose();
      },
    };
  }

  dispose(): void {
    this.gan.dispose();
    this.points.dispose();
  }

  private uploadBatch(iteration: number): void {
    const { gan, dataset, images } = this;
    const batch = this.batches.batchAt(iteration);
    fillImages(dataset, batch, images);
    gan.realImages.write(images);
    gan.conditioning?.write(Array.from(batch, (index) => dataset.labels[index]!));
  }

  private async readSamples(iteration: number, sampling: Plan<SampleTensors>): Promise<Samples> {
    sampling.replay();
    const { fixed, fresh, walk } = sampling.results;
    const bytes = await this.engine.device.read(fixed.buffer, fresh.buffer, walk.buffer);
    const images = (index: number, { size }: Tensor): Float32Array => {
      return new Float32Array(bytes[index] ?? new ArrayBuffer(0), 0, size);
    };
    return { iteration, fixed: images(0, fixed), fresh: images(1, fresh), walk: images(2, walk) };
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
