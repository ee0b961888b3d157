/**
 * @file How alike images are: MS-SSIM (Wang, Simoncelli and Bovik 2003, https://doi.org/10.1109/ACSSC.2003.1292216), and
 * its mean over random pairs as a measure of a GAN's variety (Odena, Olah and Shlens 2017,
 * https://arxiv.org/abs/1610.09585).
 *
 * At each scale a Gaussian window compares means (l), and deviations and correlation (cs) around every place where it fits:
 *
 *     l = (2 μx μy + c₁) / (μx² + μy² + c₁)      cs = (2 σxy + c₂) / (σx² + σy² + c₂)
 *
 * Each scale halves the sides. MS-SSIM is the product of the scales' mean cs, and of the mean l · cs at the last, each to
 * the power that the paper found. A digit of 28 × 28 has room for three of its five scales, so its powers are divided by
 * their sum; the window is the paper's, 11 × 11 of deviation 1.5, and at 7 × 7, where it does not fit, it shrinks to that.
 *
 * On the GPU: with s = x + y and d = x − y, both fractions are ((a − b) / 2 + c) / ((a + b) / 2 + c), of the squared means or
 * the variances a of s and b of d, so that four maps are blurred where the formula has five; a blur is two products with a
 * band matrix, along one side and then along the other.
 */
import type { Engine } from '../../autograd/engine.js';
import {
  add,
  addScalar,
  concat,
  div,
  downsampleSum2x,
  matmul,
  mean,
  mul,
  reshape,
  scale,
  slice,
  square,
  sub,
  transpose,
} from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { randomStream } from '../../data/randomStreams.js';
import { CLASSIFIER_SIDE } from '../../models/networks/classifier.js';
import { checkImages, IMAGE_SIZE } from '../inputs/images.js';
import type { PartProgress } from '../progress.js';

/** Pairs that are compared at once. */
const BATCH = 128;

/** A scale's side, its window, and the paper's power. */
export const SCALES = [
  { side: 28, window: 11, deviation: 1.5, power: 0.0448 },
  { side: 14, window: 11, deviation: 1.5, power: 0.2856 },
  { side: 7, window: 7, deviation: (1.5 * 7) / 11, power: 0.3001 },
] as const;

/** (0.01 · range)² and (0.03 · range)², the range being 1. */
export const STABILISERS = { luminance: 1e-4, contrast: 9e-4 } as const;

type Scale = (typeof SCALES)[number];

/** Images in pairs: [pairs, 28, 28, 1] each, in [−1, 1]. */
export interface Pairs {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Mean MS-SSIM of random pairs of different images. 1 where all images are one; what is usual depends on the images, so
 * compare it with that of real ones.
 *
 * @param images [count, 28, 28, 1] in [−1, 1]
 * @param options.pairs so many are drawn, by `seed`
 * @throws Error for fewer than two images, images of another size, or one that holds NaN or ±∞; the device's errors
 */
export async function meanSimilarity(
  engine: Engine,
  images: Float32Array,
  { pairs, seed }: { readonly pairs: number; readonly seed: string },
  progress?: PartProgress,
): Promise<number> {
  const count = checkImages('meanSimilarity', images, 2);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error(`meanSimilarity: got ${pairs} pairs; it takes 1 at least`);
  const random = randomStream(seed, 'pairs');
  const first = new Float32Array(pairs * IMAGE_SIZE);
  const second = new Float32Array(pairs * IMAGE_SIZE);
  const put = (into: Float32Array, pair: number, image: number): void => {
    into.set(images.subarray(image * IMAGE_SIZE, (image + 1) * IMAGE_SIZE), pair * IMAGE_SIZE);
  };
  for (let pair = 0; pair < pairs; pair++) {
    const one = Math.floor(random() * count);
    const step = 1 + Math.floor(random() * (count - 1));
    put(first, pair, one);
    put(second, pair, (one + step) % count);
  }
  const values = await similarities(engine, { first, second }, progress);
  return values.reduce((sum, value) => sum + value, 0) / pairs;
}

/**
 * MS-SSIM of each pair, 0 … 1. A scale where the two go against one another (its mean cs below 0) makes it 0, since a
 * negative number has no such power.
 *
 * @throws Error for images of another size or number, or one that holds NaN or ±∞; the device's errors
 */
export async function similarities(
  engine: Engine,
  { first, second }: Pairs,
  progress?: PartProgress,
): Promise<Float64Array> {
  const count = checkImages('similarities', first, 1);
  checkImages('similarities', second, 1);
  if (second.length !== first.length) {
    throw new Error(`similarities: got ${count} images and ${second.length / IMAGE_SIZE}; it takes as many of both`);
  }
  const rows = Math.min(BATCH, count);
  const shape = [rows, CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1];
  const zeros = new Float32Array(rows * IMAGE_SIZE);
  const inputs = [first, second].map((images) => ({ images, tensor: engine.tensor(zeros, shape, { name: 'pairs' }) }));
  const windows = SCALES.map((each) => engine.tensor(bandMatrix(each), [each.side, mapSide(each)], { name: 'window' }));
  const [x, y] = inputs.map(({ tensor }) => tensor);
  const result = new Float64Array(count);
  try {
    if (x === undefined || y === undefined) return result;
    const plan = await engine.recordUntuned(() => engine.noGrad(() => compare(x, y, windows)));
    try {
      for (let start = 0; start < count; start += rows) {
        const pairs = Math.min(rows, count - start);
        for (const { images, tensor } of inputs) {
          // Behind a last batch that is not full lie zeros: each pair is compared by itself.
          zeros.fill(0).set(images.subarray(start * IMAGE_SIZE, (start + pairs) * IMAGE_SIZE));
          tensor.write(zeros);
        }
        plan.replay();
        const parts = await engine.device.read(...plan.results.map(({ buffer }) => buffer));
        result.set(joined(parts.map((part) => new Float32Array(part, 0, pairs))), start);
        progress?.(start + pairs, count);
      }
    } finally {
      plan.dispose();
    }
  } finally {
    for (const tensor of [...inputs.map((input) => input.tensor), ...windows]) tensor.free();
  }
  return result;
}

/** The product of the scales' means, each to its power. */
function joined(scales: readonly Float32Array[]): Float64Array {
  const all = SCALES.reduce((sum, { power }) => sum + power, 0);
  const result = new Float64Array(scales[0]?.length ?? 0).fill(1);
  scales.forEach((values, index) => {
    values.forEach((value, pair) => (result[pair]! *= Math.max(0, value) ** (SCALES[index]!.power / all)));
  });
  return result;
}

/** For each scale the mean over the places of cs, at the last of l · cs: [rows] each. */
function compare(x: Tensor, y: Tensor, windows: readonly Tensor[]): Tensor[] {
  const unit = (images: Tensor): Tensor => scale(addScalar(images, 1), 0.5);
  const [first, second] = [unit(x), unit(y)];
  let sumAndDifference = concat(add(first, second), sub(first, second));
  return SCALES.map((each, index) => {
    const last = index === SCALES.length - 1;
    const means = compareAt(sumAndDifference, each, windows[index]!, last);
    if (!last) sumAndDifference = scale(downsampleSum2x(sumAndDifference), 0.25);
    return means;
  });
}

/** @param both s and behind it d, [2 · rows, side, side, 1] */
function compareAt(both: Tensor, each: Scale, window: Tensor, last: boolean): Tensor {
  const images = both.shape[0] ?? 2;
  const blurred = blur(concat(both, square(both)), each, window);
  const squaredMeans = square(slice(blurred, 0, images));
  const variances = sub(slice(blurred, images, images), squaredMeans);
  const contrast = fraction(variances, STABILISERS.contrast);
  const compared = last ? mul(fraction(squaredMeans, STABILISERS.luminance), contrast) : contrast;
  return mean(compared, { axes: [1] });
}

/** ((a − b) / 2 + c) / ((a + b) / 2 + c) of a and behind it b. */
function fraction(both: Tensor, stabiliser: number): Tensor {
  const rows = (both.shape[0] ?? 2) / 2;
  const [a, b] = [slice(both, 0, rows), slice(both, rows, rows)];
  const half = (x: Tensor): Tensor => addScalar(scale(x, 0.5), stabiliser);
  return div(half(sub(a, b)), half(add(a, b)));
}

/** [images, side, side, 1] → [images, places], by columns: only means are taken of them. */
function blur(x: Tensor, each: Scale, window: Tensor): Tensor {
  const images = x.shape[0] ?? 1;
  const places = mapSide(each);
  const rows = matmul(reshape(x, [images * each.side, each.side]), window);
  const turned = transpose(reshape(rows, [images, each.side, places]), [0, 2, 1]);
  return reshape(matmul(reshape(turned, [images * places, each.side]), window), [images, places * places]);
}

/** Places of the window along a side. */
function mapSide({ side, window }: Scale): number {
  return side - window + 1;
}

/** Column p holds the window, which sums to 1, from row p on: [side, places]. */
function bandMatrix(each: Scale): Float32Array {
  const { side, window, deviation } = each;
  const weights = Array.from({ length: window }, (_, at) => {
    return Math.exp(-((at - (window - 1) / 2) ** 2) / (2 * deviation ** 2));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const places = mapSide(each);
  const matrix = new Float32Array(side * places);
  for (let place = 0; place < places; place++) {
    weights.forEach((weight, at) => (matrix[(place + at) * places + place] = weight / sum));
  }
  return matrix;
}
