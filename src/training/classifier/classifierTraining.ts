/**
 * @file A classifier's training, as a recorded step, and its evaluation: accuracy and confusion matrix over a dataset.
 */
import type { Engine } from '../../autograd/engine.js';
import { gradients } from '../../autograd/grad.js';
import { softmaxCrossEntropy } from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { Batches, fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';
import { fillJittered, type Jitter } from '../../data/jitter.js';
import { randomStream } from '../../data/randomStreams.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { PlanMemory } from '../../gpu/plan/plan.js';
import { recordScalars } from '../../kernels/scalarRing.js';
import type { PartProgress } from '../../evaluation/progress.js';
import { readImages } from '../../evaluation/inputs/classifierOutput.js';
import {
  CLASSES,
  CLASSIFIER_SIDE,
  CLASSIFIERS,
  type Classifier,
  type ClassifierName,
} from '../../models/networks/classifier.js';
import { Adam } from '../../models/optim/optimisers.js';
import { oneCycle } from '../../models/optim/schedules.js';
import { HISTORY, ITERATION, type LoopObserver, TrainingLoop } from '../../gan/loop.js';
import { adamState, counter, joinStates, networkState, type Snapshot, type State } from '../../data/weights/state.js';

export interface ClassifierTrainingOptions {
  readonly classifier: ClassifierName;
  readonly batch: number;
  /** Times that each image is seen. */
  readonly epochs: number;
  /** Adam's; the peak of the schedule. 1e-3 where absent. */
  readonly learningRate?: number;
  /** `constant` where absent. */
  readonly schedule?: 'constant' | 'one-cycle';
  /** How far the images are moved and turned at most, anew whenever they are seen; not at all where absent. */
  readonly jitter?: Jitter | undefined;
  /** Checkpoints are made after every so many iterations, and after the last or a stop; there alone where absent. */
  readonly checkpointEvery?: number;
  /** Decides the initial parameters, the order of the images, how they are moved, and dropout. */
  readonly seed: string;
}

/** An iteration's metrics. */
export interface ClassifierMetrics {
  /** Mean cross-entropy of the batch, in nats. */
  readonly loss: number;
}

/** What is told while training runs. */
export interface ClassifierObserver extends LoopObserver<ClassifierMetrics> {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  /** The step is recorded and ready. */
  ready?(memory: PlanMemory): void;
  /** An epoch ended, or nearly: the batch that ends it may reach into the next. Training waits for what it returns. */
  epoch?(iteration: number): unknown;
}

/** How a classifier did on a dataset. */
export interface Evaluation {
  /** Images. */
  readonly count: number;
  /** Share of them that got their label, 0 … 1. */
  readonly accuracy: number;
  /** Images by [label][class that they were given]. */
  readonly confusion: readonly (readonly number[])[];
}

/** A classifier with its optimiser, and the buffers that a step reads and writes. */
export class ClassifierTraining {
  readonly model: Classifier;
  private readonly optimiser: Adam;
  private readonly images: Tensor;
  private readonly oneHot: Tensor;
  /** [HISTORY, 1] */
  private readonly history: DeviceBuffer;
  private readonly batches: Batches;
  private readonly seed: number;
  private readonly loop: TrainingLoop<ClassifierMetrics>;

  /** @throws Error when the images are not 28 × 28 in one channel. */
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
    this.history = engine.device.allocatePersistent(HISTORY * 4, 'history');
    this.loop = new TrainingLoop<ClassifierMetrics>({
      device: engine.device,
      state: this.state,
      history: this.history,
      rowOf: ([loss = NaN]) => ({ loss }),
      isFinite: ({ loss }) => Number.isFinite(loss),
    });
  }

  /** Iterations done. */
  get done(): number {
    return this.loop.done;
  }

  /** Iterations in all; the last batch may reach into another epoch. */
  get iterations(): number {
    return Math.ceil((this.options.epochs * this.dataset.count) / this.options.batch);
  }

  /** Iterations after which each image was seen once, rounded up. */
  get iterationsPerEpoch(): number {
    return Math.ceil(this.dataset.count / this.options.batch);
  }

  /** All that a checkpoint holds: the optimiser's count of updates is the iteration as well. */
  private get state(): State {
    const { model, optimiser } = this;
    const iteration = new Map([[ITERATION, counter(optimiser.stepCounter)]]);
    return joinStates(networkState(model), adamState('classifier', optimiser), iteration);
  }

  /** Goes on from a snapshot of a training with the same options. @throws Error where it is of another network */
  restore(values: Snapshot, source: string): void {
    this.loop.restore(values, source);
  }

  /**
   * Trains to the last iteration, or until `signal` is aborted, which ends it at the next one with a checkpoint.
   *
   * @throws DivergedError when a loss or a weight is no longer finite; the device's errors
   */
  async run(observer: ClassifierObserver = {}, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const { engine, iterations, options, iterationsPerEpoch } = this;
    const step = (): undefined => {
      this.step();
    };
    const plan = await engine.record(step, observer.tuning?.bind(observer));
    observer.ready?.(plan.memory);
    const images = new Float32Array(this.images.size);
    const give = (iteration: number): void => {
      const indices = this.batches.batchAt(iteration);
      this.fill(indices, iteration, images);
      this.images.write(images);
      this.oneHot.write(oneHotOf(this.dataset.labels, indices));
      plan.replay();
    };
    const pause = { every: iterationsPerEpoch, then: (): unknown => observer.epoch?.(this.done) };
    try {
      const { checkpointEvery } = options;
      return await this.loop.run({ iterations, checkpointEvery, step: give, pause }, observer, signal);
    } finally {
      plan.dispose();
    }
  }

  dispose(): void {
    this.model.dispose();
    this.optimiser.dispose();
    this.images.free();
    this.oneHot.free();
    this.engine.device.free(this.history);
  }

  /** The images of an iteration: seed and iteration alone decide how they are moved. */
  private fill(indices: Uint32Array, iteration: number, images: Float32Array): void {
    const { jitter, seed } = this.options;
    if (jitter === undefined) fillImages(this.dataset, indices, images);
    else fillJittered(this.dataset, indices, images, jitter, randomStream(seed, `jitter/${iteration}`));
  }

  private step(): void {
    const { engine, model, optimiser } = this;
    // The optimiser's count of updates is the iteration, until it is raised at the end.
    const iteration = optimiser.stepCounter;
    const logits = model.forward(this.images, {
      training: true,
      random: { seed: this.seed, stream: 0, counter: iteration },
    });
    const loss = softmaxCrossEntropy(logits, this.oneHot);
    optimiser.updateUncounted(gradients(loss, model.parameters));
    recordScalars(engine.device, this.history, iteration, HISTORY, [loss], [1]);
  }
}

/** Accuracy and confusion matrix, given for each image its label and the class that it was given. */
export function compare(labels: ImageDataset['labels'], classes: Uint8Array): Evaluation {
  const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  labels.forEach((label, index) => confusion[label]![classes[index]!]!++);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return { count: labels.length, accuracy: right / labels.length, confusion };
}

/**
 * The class that the model gives each image of a dataset.
 *
 * @throws Error when the images are not 28 × 28 in one channel; the device's errors
 */
export async function classify(
  engine: Engine,
  model: Classifier,
  dataset: ImageDataset,
  progress?: PartProgress,
): Promise<Uint8Array> {
  checkImages(dataset);
  const images = new Float32Array(dataset.count * CLASSIFIER_SIDE * CLASSIFIER_SIDE);
  fillImages(
    dataset,
    Uint32Array.from({ length: dataset.count }, (_, index) => index),
    images,
  );
  return (await readImages(engine, model, images, progress)).labels;
}

/** Judges every image of a dataset, see {@link classify}. */
export async function evaluate(
  engine: Engine,
  model: Classifier,
  dataset: ImageDataset,
  progress?: PartProgress,
): Promise<Evaluation> {
  return compare(dataset.labels, await classify(engine, model, dataset, progress));
}

function checkImages({ name, height, width, channels }: ImageDataset): void {
  if (height !== CLASSIFIER_SIDE || width !== CLASSIFIER_SIDE || channels !== 1) {
    const side = `${CLASSIFIER_SIDE} × ${CLASSIFIER_SIDE}`;
    throw new Error(`${name} holds ${height} × ${width} × ${channels} images; the classifiers take ${side} × 1`);
  }
}

/** [indices, 10] */
function oneHotOf(labels: ImageDataset['labels'], indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * CLASSES);
  indices.forEach((index, row) => {
    rows[row * CLASSES + labels[index]!] = 1;
  });
  return rows;
}
