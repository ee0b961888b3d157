/**
 * @file Detects copies of training images: compares the distance of generated images to the nearest training image with that
 * of held-out real images.
 */
import type { Engine } from '../../autograd/engine.js';
import { findNearest } from '../features/pairwise.js';
import { centred, meanOf, rowsOf, type Rows } from '../features/points.js';
import type { PartProgress } from '../progress.js';
import { checkLabelled, findThresholds, type LabelledImages, type Thresholds } from '../thresholds.js';

/** The real side, reusable for any number of generated sets. */
export interface MemorisingReference {
  readonly training: Rows;
  /** [size], of the held-out images. */
  readonly mean: Float64Array;
  /** Of the distance to the nearest training image. */
  readonly thresholds: Thresholds;
}

export interface Memorising {
  /** Share of the images nearer to a training image than all but 1 % of the held-out ones of their class. */
  readonly memorised: number;
  /** [count]: the nearest training image. */
  readonly nearest: Uint32Array;
  /** [count]: how far it is, Euclidean. */
  readonly distances: Float32Array;
}

/**
 * Prepares the training images for {@link findMemorised}.
 *
 * @param training images in [−1, 1], e.g. those of `imageRows(dataset)`; they are read anew with each generated set
 * @param heldOut real images that were not trained on: 1,000 or more, so that a class has 100
 * @throws Error for no training image or one of another size than the held-out; for fewer than two held-out images, bad
 *   labels, or an image that holds NaN, ±∞ or a number above 1e5
 */
export async function prepareMemorising(
  engine: Engine,
  training: Rows,
  heldOut: LabelledImages,
  progress?: PartProgress,
): Promise<MemorisingReference> {
  const op = 'prepareMemorising';
  checkLabelled(op, 'held-out images', heldOut, 2, training.size);
  if (training.count < 1) throw new Error(`${op}: got ${training.count} training images; it takes one at least`);
  const mean = meanOf(heldOut);
  const { squaredDistances } = await nearestIn(engine, { training, mean }, heldOut, progress);
  return { training, mean, thresholds: findThresholds(squaredDistances, heldOut.labels) };
}

/**
 * Finds generated images that almost repeat a training image.
 *
 * @throws Error for no image, or as {@link prepareMemorising}
 */
export async function findMemorised(
  engine: Engine,
  { training, mean, thresholds }: MemorisingReference,
  generated: LabelledImages,
  progress?: PartProgress,
): Promise<Memorising> {
  checkLabelled('findMemorised', 'generated images', generated, 1, training.size);
  const { squaredDistances, indices } = await nearestIn(engine, { training, mean }, generated, progress);
  const { labels, count } = generated;
  const memorised = squaredDistances.filter((square, image) => square < thresholds.unusual[labels[image]!]!);
  return { memorised: memorised.length / count, nearest: indices, distances: squaredDistances.map(Math.sqrt) };
}

function nearestIn(
  engine: Engine,
  { training, mean }: Pick<MemorisingReference, 'training' | 'mean'>,
  images: LabelledImages,
  progress?: PartProgress,
) {
  const pairs = { queries: centred(rowsOf(images), mean), candidates: centred(training, mean) };
  return findNearest(engine, pairs, 1, progress);
}
