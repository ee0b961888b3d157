/**
 * @file A classifier's training, as a recorded step, and its evaluation: accuracy and confusion matrix over a dataset.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../autograd/engine.js';
import { gradients } from '../autograd/grad.js';
import { softmaxCrossEntropy } from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import { Batches, fillImages } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import type { DeviceBuffer } from '../gpu/buffers.js';
import { recordScalars } from '../kernels/history.js';
import { CLASSES, CLASSIFIER_SIDE, CLASSIFIERS, type ClassifierName } from '../models/classifier.js';
import type { Sequential } from '../models/layers.js';
import { Adam } from '../models/optimisers.js';
import { DivergedError } from './ganTraining.js';

export interface ClassifierTrainingOptions {
  readonly classifier: ClassifierName;
  readonly batch: number;
  /** Times that each image is seen. */
  readonly epochs: number;
  /** Adam's; 1e-3 where absent. */
  readonly learningRate?: number;
  /** Decides the initial parameters, the order of the images, and dropout. */
  readonly seed: string;
}

/** What is told while training runs. */
export interface ClassifierObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  /** The losses (mean cross-entropy of a batch, in nats) of the iterations first, first + 1, … (counted from 1). */
  losses?(first: number, losses: readonly number[]): void;
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

/** Iterations between read-backs at most: the history's length. */
const HISTORY = 256;

/** Aim for a read-back this often, in milliseconds. */
const READ_EVERY = 500;

/** Images a batch outside of training. */
const EVALUATION_BATCH = 128;

/** A classifier with its optimiser, and the buffers that a step reads and writes. */
export class ClassifierTraining {
  readonly model: Sequential;
  private readonly optimiser: Adam;
  private readonly images: Tensor;
  private readonly oneHot: Tensor;
  /** [HISTORY, 1] */
  private readonly history: DeviceBuffer;
  private readonly batches: Batches;
  private readonly seed: number;
  private iteration = 0;

  /** @throws Error when the images are not 28 × 28 in one channel. */
  constructor(
    private readonly engine: Engine,
    private readonly dataset: ImageDataset,
    readonly options: ClassifierTrainingOptions,
  ) {
    checkImages(dataset);
    const { classifier, batch, learningRate = 1e-3, seed } = options;
    this.batches = new Batches(dataset.count, batch, `${seed}/batches`);
    this.seed = seedrandom(`${seed}/gpu`).int32() >>> 0;
    this.model = CLASSIFIERS[classifier]({ engine, random: seedrandom(`${seed}/parameters`) });
    this.optimiser = new Adam(engine, this.model.parameters, { learningRate });
    this.images = imageTensor(engine, batch);
    this.oneHot = engine.tensor(new Float32Array(batch * CLASSES), [batch, CLASSES], { name: 'labels' });
    this.history = engine.device.allocatePersistent(HISTORY * 4, 'history');
  }

  /** Iterations done. */
  get done(): number {
    return this.iteration;
  }

  /** Iterations in all; the last batch may reach into another epoch. */
  get iterations(): number {
    return Math.ceil((this.options.epochs * this.dataset.count) / this.options.batch);
  }

  /** Trains to the last iteration. @throws DivergedError when a loss is no longer finite; the device's errors. */
  async run(observer: ClassifierObserver = {}): Promise<void> {
    const step = (): undefined => {
      this.step();
    };
    const plan = await this.engine.record(step, observer.tuning?.bind(observer));
    try {
      await this.loop(observer, () => plan.replay());
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

  private step(): void {
    const { engine, model, optimiser } = this;
    // The optimiser's count of updates is the iteration, until it is raised at the end.
    const counter = optimiser.stepCounter;
    const logits = model.forward(this.images, { training: true, random: { seed: this.seed, stream: 0, counter } });
    const loss = softmaxCrossEntropy(logits, this.oneHot);
    optimiser.updateUncounted(gradients(loss, model.parameters));
    recordScalars(engine.device, this.history, counter, HISTORY, [loss], [1]);
  }

  private async loop(observer: ClassifierObserver, step: () => void): Promise<void> {
    const images = new Float32Array(this.images.size);
    let chunk = 1;
    while (this.iteration < this.iterations) {
      const count = Math.min(chunk, HISTORY, this.iterations - this.iteration);
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        const indices = this.batches.batchAt(this.iteration + i);
        fillImages(this.dataset, indices, images);
        this.images.write(images);
        this.oneHot.write(oneHotOf(this.dataset.labels, indices));
        step();
      }
      const losses = await this.readLosses(this.iteration, count);
      const first = this.iteration + 1;
      this.iteration += count;
      chunk = Math.max(1, Math.round((READ_EVERY * count) / (performance.now() - start)));

      const bad = losses.findIndex((loss) => !Number.isFinite(loss));
      observer.losses?.(first, bad < 0 ? losses : losses.slice(0, bad));
      if (bad >= 0) throw new DivergedError(first + bad, 'the loss is not a finite number');
    }
  }

  private async readLosses(first: number, count: number): Promise<number[]> {
    const [bytes] = await this.engine.device.read(this.history);
    const ring = new Float32Array(bytes ?? new ArrayBuffer(0));
    return Array.from({ length: count }, (_, index) => ring[(first + index) % HISTORY] ?? NaN);
  }
}

/**
 * The logits of every image of a dataset, by the model in inference mode.
 *
 * @param model takes [N, 28, 28, 1] in [−1, 1] to [N, 10] logits
 * @returns [count, 10]
 * @throws Error when the images are not 28 × 28 in one channel; the device's errors
 */
export async function logitsOf(engine: Engine, model: Sequential, dataset: ImageDataset): Promise<Float32Array> {
  checkImages(dataset);
  const images = imageTensor(engine, EVALUATION_BATCH);
  const plan = await engine.record(() => {
    // Inference draws no random number, so the counter is never read and takes no memory.
    const counter = engine.device.allocate(4, 'no counter');
    const pass = { training: false, random: { seed: 0, stream: 0, counter } };
    return engine.noGrad(() => model.forward(images, pass));
  });
  try {
    const logits = new Float32Array(dataset.count * CLASSES);
    const batch = new Float32Array(images.size);
    for (let first = 0; first < dataset.count; first += EVALUATION_BATCH) {
      const length = Math.min(EVALUATION_BATCH, dataset.count - first);
      // Behind a last batch that is not full lie images of the one before: each image is judged by itself.
      fillImages(
        dataset,
        Uint32Array.from({ length }, (_, index) => first + index),
        batch,
      );
      images.write(batch);
      plan.replay();
      const values = await plan.results.data();
      logits.set(values.subarray(0, length * CLASSES), first * CLASSES);
    }
    return logits;
  } finally {
    plan.dispose();
    images.free();
  }
}

/** The class of the largest logit in each row of [count, 10]; among equals the first. */
export function classesOf(logits: Float32Array): Uint8Array {
  return Uint8Array.from({ length: logits.length / CLASSES }, (_, row) => {
    const values = logits.subarray(row * CLASSES, (row + 1) * CLASSES);
    return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
  });
}

/** Accuracy and confusion matrix, given for each image its label and the class that it was given. */
export function compare(labels: Uint8Array, classes: Uint8Array): Evaluation {
  const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  labels.forEach((label, index) => confusion[label]![classes[index]!]!++);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return { count: labels.length, accuracy: right / labels.length, confusion };
}

/** Judges every image of a dataset, see {@link logitsOf}. */
export async function evaluate(engine: Engine, model: Sequential, dataset: ImageDataset): Promise<Evaluation> {
  return compare(dataset.labels, classesOf(await logitsOf(engine, model, dataset)));
}

function checkImages({ name, height, width, channels }: ImageDataset): void {
  if (height !== CLASSIFIER_SIDE || width !== CLASSIFIER_SIDE || channels !== 1) {
    const side = `${CLASSIFIER_SIDE} × ${CLASSIFIER_SIDE}`;
    throw new Error(`${name} holds ${height} × ${width} × ${channels} images; the classifiers take ${side} × 1`);
  }
}

function imageTensor(engine: Engine, batch: number): Tensor {
  const shape = [batch, CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1];
  return engine.tensor(new Float32Array(batch * CLASSIFIER_SIDE * CLASSIFIER_SIDE), shape, { name: 'images' });
}

/** [indices, 10] */
function oneHotOf(labels: Uint8Array, indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * CLASSES);
  indices.forEach((index, row) => {
    rows[row * CLASSES + labels[index]!] = 1;
  });
  return rows;
}
