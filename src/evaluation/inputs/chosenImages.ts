/**
 * @file Chooses random images of a dataset, the same ones at every evaluation.
 */
import { Batches, fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';
import type { LabelledImages } from '../thresholds.js';

/** Seed of the chosen images and of the compared pairs. */
export const SEED = 'looks';

/** Chooses up to `most` images, each at most once. In [−1, 1]. */
export function chooseImages(dataset: ImageDataset, most: number): LabelledImages {
  const indices = new Batches(dataset.count, Math.min(most, dataset.count), SEED).batchAt(0);
  const size = dataset.height * dataset.width * dataset.channels;
  const values = new Float32Array(indices.length * size);
  fillImages(dataset, indices, values);
  // A copy of the dataset's own kind: bytes cannot hold the labels of 1,000 classes.
  const labels = dataset.labels.slice(0, indices.length).map((_, place) => dataset.labels[indices[place]!]!);
  return { count: indices.length, size, values, labels };
}
