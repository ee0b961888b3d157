/**
 * @file Draws the built-in digits: an endless set of 28 × 28 digits that look handwritten, so that training needs no download.
 */
import { createDataset, type StoredDataset } from '../dataset.js';
import { distort } from './distortion.js';
import type { Skeleton } from './notation.js';
import { Random, seedKey } from './random.js';
import { DIGIT_SIDE, Rasteriser } from './rasteriser.js';
import { SKELETONS } from './skeletons.js';

const CLASSES = SKELETONS.length;

/* Half stroke widths in pixels, set so that mean ink, the share of full white and the widths' quantiles match MNIST's. */
const MEAN_RADIUS = 1.2;
const RADIUS_SPREAD = 0.27;
/** Thick strokes are further from the mean than thin ones. */
const RADIUS_SKEW = 0.05;
const THINNEST_RADIUS = 0.65;

/** Each digit's stroke width relative to the mean: MNIST's 0 and 1 are thick, because many were small before scaling. */
const RELATIVE_WIDTH = [1.12, 1.2, 1.02, 1.02, 0.97, 0.98, 1.03, 1.02, 0.94, 0.94] as const;

export interface DigitsOptions {
  /** The same seed gives the same images, on any machine. */
  readonly seed: string;
  /** Number of images. The first n images of a longer set are the set of n. */
  readonly count: number;
  /** Index of the first image, by default 0: a test set starts where the training set ends. */
  readonly first?: number;
  /** Default: `digits`. */
  readonly name?: string;
  /** Called while the images are drawn. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** Digits between two calls of the progress callback: about 50 ms. */
const PROGRESS_EVERY = 1000;

/**
 * Draws `count` digits of a seed.
 *
 * @returns 28 × 28 × 1; each ten images from a multiple of ten contain each digit once, in random order
 * @throws RangeError unless `count` is an integer ≥ 1 and `first` an integer ≥ 0
 */
export function digitsDataset(options: DigitsOptions): StoredDataset {
  const { seed, count, first = 0, name = 'digits', progress } = options;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`Built-in digits: the count must be a positive integer, got ${count}.`);
  }
  if (!Number.isSafeInteger(first) || first < 0) {
    throw new RangeError(`Built-in digits: the first index must be an integer ≥ 0, got ${first}.`);
  }
  const source = new DigitSource(seed);
  const size = DIGIT_SIDE * DIGIT_SIDE;
  const pixels = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    if (index % PROGRESS_EVERY === 0) progress?.(index, count);
    labels[index] = source.draw(first + index, pixels, index * size);
  }
  progress?.(count, count);
  return createDataset({
    name,
    count,
    height: DIGIT_SIDE,
    width: DIGIT_SIDE,
    channels: 1,
    pixels,
    labels,
  });
}

/** The endless set, by index. */
export class DigitSource {
  readonly #imageKey: [number, number];
  readonly #labelKey: [number, number];
  readonly #rasteriser = new Rasteriser();

  constructor(seed: string) {
    this.#imageKey = seedKey(`${seed}/digits/image`);
    this.#labelKey = seedKey(`${seed}/digits/label`);
  }

  /** The digit at an index: one of a shuffled ten, so that the classes are balanced in each range and in random order. */
  labelAt(index: number): number {
    const within = index % CLASSES;
    const random = new Random(this.#labelKey, (index - within) / CLASSES);
    const order = Array.from({ length: CLASSES }, (_, digit) => digit);
    for (let last = CLASSES - 1; last >= within; last--) {
      const chosen = random.below(last + 1);
      const swapped = order[last]!;
      order[last] = order[chosen]!;
      order[chosen] = swapped;
    }
    return order[within]!;
  }

  /**
   * Draws the image at an index.
   *
   * @param out receives 28 × 28 bytes from `offset`: 0 is paper, 255 ink
   * @returns the label
   */
  draw(index: number, out: Uint8Array, offset = 0): number {
    const label = this.labelAt(index);
    const random = new Random(this.#imageKey, index);
    const paths = distort(chooseByWeight(SKELETONS[label] ?? [], random), random);
    const width = random.normal();
    const radius = (MEAN_RADIUS + width * (RADIUS_SPREAD + RADIUS_SKEW * width)) * (RELATIVE_WIDTH[label] ?? 1);
    const pen = { radius: Math.max(THINNEST_RADIUS, radius), softness: random.between(1, 1.7) };
    this.#rasteriser.draw(paths, pen, out, offset);
    return label;
  }
}

function chooseByWeight(skeletons: readonly Skeleton[], random: Random): Skeleton {
  const total = skeletons.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.uniform() * total;
  for (const skeleton of skeletons) {
    left -= skeleton.weight;
    if (left < 0) return skeleton;
  }
  throw new Error('Built-in digits: a digit without skeletons.');
}
