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
import { Gan, METRICS, type MetricName, type Metrics } from './gan.js';

export interface GanTrainingOptions {
  readonly architecture: ArchitectureName;
  readonly zDim: number;
  readonly width: number;
  readonly batch: number;
  readonly iterations: number;
  /** Samples are drawn after every so many iterations, and after the last. */
  readonly sampleEvery: number;
  readonly seed: string;
  /** Runs every step eagerly, kernel by kernel, instead of replaying a recording: slower, same bits. */
  readonly eager?: boolean;
}

/** 25 images each, [25, H, W, C] in [−1, 1]. */
export interface Samples {
  readonly iteration: number;
  /** From the z that stay the same all through the run. */
  readonly fixed: Float32Array;
  /** From z drawn anew. */
  readonly fresh: Float32Array;
}

type SampleTensors = Readonly<Record<'fixed' | 'fresh', Tensor>>;

/** What is told while training runs. */
export interface TrainingObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  /** The step is recorded and ready; undefined memory in eager mode. */
  ready?(memory: PlanMemory | undefined): void;
  /** The metrics of the iterations first, first + 1, … (counted from 1). */
  metrics?(first: number, rows: readonly Metrics[]): void;
  samples?(samples: Samples): void;
}

export const SAMPLE_COUNT = 25;

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
  private readonly images: Float32Array;
  private iteration = 0;

  /**
   * @throws Error when the options do not fit together.
   */
  constructor(
    readonly engine: Engine,
    private readonly dataset: ImageDataset,
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
  }

  /** Iterations done. */
  get done(): number {
    return this.iteration;
  }

  /** Trains to the last iteration. @throws Error when a loss is no longer finite; the device's errors. */
  async run(observer: TrainingObserver = {}): Promise<void> {
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
      await this.loop(observer, () => (plan === undefined ? engine.scope(step) : plan.replay()), sampling);
    } finally {
      sampling.dispose();
      plan?.dispose();
    }
  }

  dispose(): void {
    this.gan.dispose();
    this.fixedZ.free();
  }

  private async loop(observer: TrainingObserver, step: () => void, sampling: Plan<SampleTensors>): Promise<void> {
    const { iterations, sampleEvery } = this.options;
    let chunk = 1;
    while (this.iteration < iterations) {
      const toSample = sampleEvery - (this.iteration % sampleEvery);
      const count = Math.min(chunk, HISTORY, toSample, iterations - this.iteration);
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
      if (bad >= 0) {
        throw new Error(`the loss is not a finite number at iteration ${first + bad}: training has diverged`);
      }
      if (this.iteration % sampleEvery === 0 || this.iteration === iterations) {
        observer.samples?.(await this.readSamples(sampling));
      }
    }
  }

  private async readSamples(sampling: Plan<SampleTensors>): Promise<Samples> {
    sampling.replay();
    const { fixed, fresh } = sampling.results;
    const [fixedBytes, freshBytes] = await this.engine.device.read(fixed.buffer, fresh.buffer);
    return {
      iteration: this.iteration,
      fixed: new Float32Array(fixedBytes ?? new ArrayBuffer(0), 0, fixed.size),
      fresh: new Float32Array(freshBytes ?? new ArrayBuffer(0), 0, fresh.size),
    };
  }

  private drawSamples(): SampleTensors {
    return { fixed: this.gan.sample(this.fixedZ), fresh: this.gan.sample(this.gan.freshZ(SAMPLE_COUNT)) };
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

function isFinite(row: Metrics): boolean {
  return Number.isFinite(row.generatorLoss) && Number.isFinite(row.discriminatorLoss);
}
