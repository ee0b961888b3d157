/**
 * @file Makes a classifier trainable: its data and its recorded step.
 *
 * Uses no Node module.
 */
import type { Engine } from '../../autograd/engine.js';
import { gradients } from '../../autograd/grad.js';
import { softmaxCrossEntropy } from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { Batches, fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';
import { fillJittered, type Jitter } from '../../data/jitter.js';
import { randomStream } from '../../data/randomStreams.js';
import { adamState, counter, joinStates, networkState, type State } from '../../data/weights/state.js';
import type { Device } from '../../gpu/device.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { TuningProgress } from '../../kernels/gemm/tuner.js';
import { recordScalars } from '../../kernels/scalarRing.js';
import {
  CLASSES,
  CLASSIFIER_SIDE,
  CLASSIFIERS,
  type Classifier,
  type ClassifierName,
} from '../../models/networks/classifier.js';
import { Adam } from '../../models/optim/adam.js';
import { oneCycle } from '../../models/optim/schedules.js';
import { RING_CAPACITY, ITERATION, type RecordedTraining, type Schedule, type Trainable } from '../trainer.js';
import { checkImages } from './classifierEvaluation.js';

export interface ClassifierTrainingOptions {
  readonly classifier: ClassifierName;
  readonly batch: number;
  /** Passes over the dataset. */
  readonly epochs: number;
  /** Adam's; the peak of the schedule. Default: 1e-3. */
  readonly learningRate?: number;
  /** Default: `constant`. */
  readonly schedule?: 'constant' | 'one-cycle';
  /** Largest random shift and rotation of an image. If absent: none. */
  readonly jitter?: Jitter | undefined;
  /** Checkpoint interval, in iterations. If absent: only at the end or on stop. */
  readonly checkpointEvery?: number;
  /** Decides initial parameters, the order of images, jitter and dropout. */
  readonly seed: string;
}

/** Metrics of one iteration. */
export interface ClassifierMetrics {
  /** Mean cross-entropy of the batch, in nats. */
  readonly loss: number;
}

/** A classifier with its optimiser and its data. */
export class ClassifierTraining implements Trainable<ClassifierMetrics, undefined> {
  readonly model: Classifier;
  /** [RING_CAPACITY, 1] */
  readonly scalarRing: DeviceBuffer;
  private readonly optimiser: Adam;
  private readonly images: Tensor;
  private readonly oneHot: Tensor;
  private readonly batches: Batches;
  private readonly seed: number;

  /** @throws Error for images other than 28 × 28 × 1 */
  constructor(
    readonly engine: Engine,
    readonly dataset: ImageDataset,
    readonly options: ClassifierTrainingOptions,
  ) {
    checkImages(dataset);
    const { classifier, batch, learningRate = 1e-3, schedule = 'constant', seed } = options;
    this.batches = new Batches(dataset.count, batch, `${seed}/batches`);
    this.seed = randomStream(seed, 'gpu').int32() >>> 0;
    this.model = CLASSIFIERS[classifier]({ engine, random: randomStream(seed, 'parameters') });
    this.optimiser = new Adam(engine, this.model.parameters, {
      learningRate,
      schedule: schedule === 'constant' ? undefined : oneCycle(this.iterations),
    });
    const shape = [batch, CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1];
    const pixels = new Float32Array(batch * CLASSIFIER_SIDE * CLASSIFIER_SIDE);
    this.images = engine.tensor(pixels, shape, { name: 'real images' });
    this.oneHot = engine.tensor(new Float32Array(batch * CLASSES), [batch, CLASSES], { name: 'labels' });
    this.scalarRing = engine.device.allocatePersistent(RING_CAPACITY * 4, 'scalar ring');
  }

  /** Total iterations. The last batch may reach into another epoch. */
  get iterations(): number {
    return Math.ceil((this.options.epochs * this.dataset.count) / this.options.batch);
  }

  /** Iterations after which every image was seen once. */
  get iterationsPerEpoch(): number {
    return Math.ceil(this.dataset.count / this.options.batch);
  }

  get device(): Device {
    return this.engine.device;
  }

  get schedule(): Schedule {
    const { iterations, iterationsPerEpoch: sampleEvery } = this;
    return { iterations, sampleEvery, checkpointEvery: this.options.checkpointEvery };
  }

  /** The optimiser's step counter is also the iteration. */
  get state(): State {
    const { model, optimiser } = this;
    const iteration = new Map([[ITERATION, counter(optimiser.stepCounter)]]);
    return joinStates(networkState(model), adamState('classifier', optimiser), iteration);
  }

  rowOf([loss = NaN]: Float32Array): ClassifierMetrics {
    return { loss };
  }

  isFinite({ loss }: ClassifierMetrics): boolean {
    return Number.isFinite(loss);
  }

  async record(tuning?: TuningProgress): Promise<RecordedTraining<undefined>> {
    const { engine, dataset, images, oneHot } = this;
    const step = (): undefined => {
      this.step();
    };
    const plan = await engine.record(step, tuning);
    const pixels = new Float32Array(images.size);
    return {
      memory: plan.memory,
      step: (iteration) => {
        const indices = this.batches.batchAt(iteration);
        this.fill(indices, iteration, pixels);
        images.write(pixels);
        oneHot.write(oneHotOf(dataset.labels, indices));
        plan.replay();
      },
      dispose: () => plan.dispose(),
    };
  }

  dispose(): void {
    this.model.dispose();
    this.optimiser.dispose();
    this.images.free();
    this.oneHot.free();
    this.engine.device.free(this.scalarRing);
  }

  /** Reads the images of an iteration. Their jitter depends on seed and iteration alone. */
  private fill(indices: Uint32Array, iteration: number, images: Float32Array): void {
    const { jitter, seed } = this.options;
    if (jitter === undefined) fillImages(this.dataset, indices, images);
    else fillJittered(this.dataset, indices, images, jitter, randomStream(seed, `jitter/${iteration}`));
  }

  private step(): void {
    const { engine, model, optimiser } = this;
    // The step counter is the iteration until the optimiser's step raises it.
    const iteration = optimiser.stepCounter;
    const logits = model.forward(this.images, {
      training: true,
      random: { seed: this.seed, stream: 0, counter: iteration },
    });
    const loss = softmaxCrossEntropy(logits, this.oneHot);
    const found = gradients(loss, model.parameters);
    recordScalars(engine.device, {
      ring: this.scalarRing,
      capacity: RING_CAPACITY,
      counters: iteration,
      scalars: [loss],
    });
    optimiser.step(found);
  }
}

/** [indices, CLASSES] */
function oneHotOf(labels: ImageDataset['labels'], indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * CLASSES);
  indices.forEach((index, row) => {
    rows[row * CLASSES + labels[index]!] = 1;
  });
  return rows;
}
