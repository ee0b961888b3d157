/**
 * @file Measures whether fixed z keep their digits from one evaluation to the next. The article's collapsed generators
 * "keep switching".
 */
import { randomStream } from '../../data/randomStreams.js';
import { checkReading } from '../modes/labels.js';
import type { ClassifierOutput } from '../inputs/classifierOutput.js';

/** Pairs of real images whose mean distance is the unit: its standard error is about 1 % of it. */
const PAIRS = 2000;

/** Change of fixed z since the last evaluation. */
export interface FixedZStability {
  /** Share of the z whose label changed, 0 … 1. */
  readonly switched: number;
  /** Mean Euclidean distance that the features of a z have moved, in units of {@link featureUnit}. */
  readonly displacement: number;
}

/**
 * Computes the mean Euclidean distance between the features of two random real images: the unit of feature distances.
 *
 * @param seed draws the pairs
 * @throws Error for fewer than two images, an output that holds NaN, or real images that are all alike
 */
export function featureUnit(real: ClassifierOutput, seed: string): number {
  checkReading('featureUnit', real, 2);
  const { count, features } = real;
  const size = features.length / count;
  const random = randomStream(seed, 'unit');
  let sum = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const one = Math.floor(random() * count);
    const other = (one + 1 + Math.floor(random() * (count - 1))) % count;
    sum += Math.sqrt(squaredDistance(features, one * size, features, other * size, size));
  }
  if (sum === 0) throw new Error('featureUnit: all real images have the same features');
  return sum / PAIRS;
}

/**
 * Compares the classifier's outputs for the images of the same z, in the same order.
 *
 * @param unit of distances; see {@link featureUnit}
 * @throws Error for outputs of different sizes, empty ones, NaN, or a unit that is not above 0
 */
export function fixedZStability(before: ClassifierOutput, now: ClassifierOutput, unit: number): FixedZStability {
  checkAlike('fixedZStability', before, now, unit);
  const { count } = now;
  const size = now.features.length / count;
  let [switched, moved] = [0, 0];
  for (let image = 0; image < count; image++) {
    if (before.labels[image] !== now.labels[image]) switched += 1;
    moved += Math.sqrt(squaredDistance(before.features, image * size, now.features, image * size, size));
  }
  return { switched: switched / count, displacement: moved / count / unit };
}

/** @throws Error that names the metric, for outputs that cannot be compared image by image, or an invalid unit */
export function checkAlike(metric: string, one: ClassifierOutput, other: ClassifierOutput, unit: number): void {
  checkReading(metric, one, 1);
  checkReading(metric, other, 1);
  if (one.count !== other.count || one.features.length !== other.features.length) {
    const sizes = [one, other].map(({ count, features }) => `${count} × ${features.length / count}`);
    throw new Error(`${metric}: got features of ${sizes.join(' and ')}; it takes the same z twice`);
  }
  if (!(unit > 0 && unit < Infinity)) throw new Error(`${metric}: got a unit of ${unit}; it takes one above 0`);
}

/** Σ (a − b)² over `size` numbers from the given offsets. */
export function squaredDistance(a: Float32Array, aAt: number, b: Float32Array, bAt: number, size: number): number {
  let sum = 0;
  for (let index = 0; index < size; index++) sum += (a[aAt + index]! - b[bAt + index]!) ** 2;
  return sum;
}
