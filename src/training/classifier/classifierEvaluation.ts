/**
 * @file Evaluates a classifier on a dataset: accuracy and confusion matrix.
 */
import type { Engine } from '../../autograd/engine.js';
import { fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';
import { readImages } from '../../evaluation/inputs/classifierOutput.js';
import type { PartProgress } from '../../evaluation/progress.js';
import { CLASSES, CLASSIFIER_SIDE, type Classifier } from '../../models/networks/classifier.js';

/** Results of a classifier on a dataset. */
export interface ClassifierEvaluation {
  /** Images. */
  readonly count: number;
  /** Share of images whose class is their label, 0 … 1. */
  readonly accuracy: number;
  /** Images by [label][assigned class]. */
  readonly confusion: readonly (readonly number[])[];
}

/** Compares labels with assigned classes. */
export function compareLabels(labels: ImageDataset['labels'], classes: Uint8Array): ClassifierEvaluation {
  const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  labels.forEach((label, index) => confusion[label]![classes[index]!]!++);
  const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return { count: labels.length, accuracy: right / labels.length, confusion };
}

/**
 * Classifies every image of a dataset.
 *
 * @returns [count] classes
 * @throws Error for images other than 28 × 28 × 1; the device's errors
 */
export async function classify(
  engine: Engine,
  model: Classifier,
  dataset: ImageDataset,
  progress?: PartProgress,
): Promise<Uint8Array> {
  checkImages(dataset);
  const images = new Float32Array(dataset.count * CLASSIFIER_SIDE * CLASSIFIER_SIDE);
  const all = Uint32Array.from({ length: dataset.count }, (_, index) => index);
  fillImages(dataset, all, images);
  return (await readImages(engine, model, images, progress)).labels;
}

/** Classifies every image of a dataset and compares the classes with the labels, see {@link classify}. */
export async function evaluateClassifier(
  engine: Engine,
  model: Classifier,
  dataset: ImageDataset,
  progress?: PartProgress,
): Promise<ClassifierEvaluation> {
  return compareLabels(dataset.labels, await classify(engine, model, dataset, progress));
}

/** @throws Error for images that the classifiers do not take */
export function checkImages({ name, height, width, channels }: ImageDataset): void {
  if (height !== CLASSIFIER_SIDE || width !== CLASSIFIER_SIDE || channels !== 1) {
    const side = `${CLASSIFIER_SIDE} × ${CLASSIFIER_SIDE}`;
    throw new Error(`${name} has ${height} × ${width} × ${channels} images; the classifiers take ${side} × 1`);
  }
}
