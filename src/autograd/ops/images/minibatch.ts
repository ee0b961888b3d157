/**
 * @file Lets a discriminator compare images: packs several images into one, and appends the standard deviation of a batch.
 */
import type { MinibatchStddevOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { addScalar, scale } from '../affine.js';
import { div, mul, sqrt, square, sub } from '../elementwise.js';
import { broadcastTo, mean, reshape } from '../reduce.js';
import { concat, transpose } from '../shape.js';
import { infinityToNan } from '../norm/guards.js';

/**
 * Packs each `count` consecutive images into one with `count` times the channels, for a discriminator that gives them
 * one logit (PacGAN, Lin et al. 2018, https://arxiv.org/abs/1712.04086).
 *
 * @param x [N, H, W, C], N a multiple of `count`
 * @returns [N / count, H, W, count · C]
 */
export function packImages(x: Tensor, count: number): Tensor {
  const [n, h, w, c, ...more] = x.shape;
  const fits = n !== undefined && h !== undefined && w !== undefined && c !== undefined && more.length === 0;
  if (!fits || !Number.isInteger(count) || count < 1 || n % count !== 0) {
    const takes = 'it takes [N, H, W, C] with N a multiple of the pack size';
    throw new Error(`packImages: got x [${x.shape.join(', ')}] and packs of ${count}; ${takes}`);
  }
  if (count === 1) return x;
  const apart = reshape(x, [n / count, count, h * w, c]);
  return reshape(transpose(apart, [0, 2, 1, 3]), [n / count, h, w, count * c]);
}

/** Keeps the derivative of the root finite if all images of a batch are equal; the value of Karras's code. */
const STDDEV_EPSILON = 1e-8;

/**
 * Appends one channel that holds the same number for a whole batch: the standard deviation of each feature over the images,
 * averaged over the features (Karras et al. 2018, https://arxiv.org/abs/1710.10196, section 3). A discriminator
 * detects mode collapse by it. Each group gets its own number.
 *
 * @param x [N, ..., C], N a multiple of `groups`
 * @returns [N, ..., C + 1]
 */
export function minibatchStddev(x: Tensor, { groups = 1 }: MinibatchStddevOptions = {}): Tensor {
  const { shape, size } = x;
  const [n] = shape;
  if (n === undefined || shape.length < 2 || !Number.isInteger(groups) || groups < 1 || n % groups !== 0) {
    throw new Error(
      `minibatchStddev: got x [${shape.join(', ')}]; it takes [N, ..., C] with N of ${groups} equal groups`,
    );
  }
  const average = meanDeviation(reshape(x, [groups, n / groups, size / n]));
  const pixels = size / n / (shape.at(-1) ?? 1);
  const channel = broadcastTo(average, [groups, (n / groups) * pixels]);
  return concat(x, reshape(channel, [...shape.slice(0, -1), 1]), -1);
}

/** √(variance over the images + ε), averaged over the features: [groups, images, features] → [groups, 1]. */
function meanDeviation(x: Tensor): Tensor {
  const { engine, shape } = x;
  const [groups = 1, images = 1, features = 1] = shape;
  const ofImages = { axes: [1], keepDims: true };
  const centred = sub(x, mean(x, ofImages));
  const deviations = sqrt(addScalar(infinityToNan(mean(square(centred), ofImages)), STDDEV_EPSILON));
  const average = engine.noGrad(() => mean(deviations, { axes: [1, 2], keepDims: true }));
  // The gradient by the mean is 0, since Σ centred = 0. Centred values and deviations are on the tape: exact to any order.
  return reshape(
    taped(average, 'meanDeviation', [x], (g) => [mul(centred, div(scale(g, 1 / (images * features)), deviations))]),
    [groups, 1],
  );
}
