/**
 * @file What changes the channels of images: joining, cutting, packing several images into one, and a channel that
 * tells how varied a batch is.
 */
import type { MinibatchStddevOptions } from '../../kernels/options.js';
import * as shapes from '../../kernels/shape/shape.js';
import type { Engine } from '../engine.js';
import { taped } from '../grad.js';
import type { Tensor } from '../tensor.js';
import { addScalar, broadcastTo, div, mean, mul, reshape, scale, sqrt, square, sub, transpose } from './basics.js';
import { infinityToNan } from './guards.js';

/**
 * a and behind it b along the last axis.
 *
 * @param a [..., C]
 * @param b [..., D], the other axes as a's
 * @returns [..., C + D]
 */
export function concatChannels(a: Tensor, b: Tensor): Tensor {
  const c = a.shape.at(-1);
  const d = b.shape.at(-1);
  const rest = a.shape.slice(0, -1);
  if (c === undefined || d === undefined || rest.join() !== b.shape.slice(0, -1).join()) {
    const got = `got a [${a.shape.join(', ')}] and b [${b.shape.join(', ')}]`;
    throw new Error(`concatChannels: ${got}; it takes shapes that differ in their last axis only`);
  }
  const { engine } = a;
  const y = shapes.concatColumns(engine.device, a.buffer, c, b.buffer, d, a.size / c);
  return taped(engine.wrap(y, [...rest, c + d]), 'concatChannels', [a, b], (g, [wantsA, wantsB]) => [
    wantsA === true ? sliceChannels(g, 0, c) : undefined,
    wantsB === true ? sliceChannels(g, c, d) : undefined,
  ]);
}

/** `count` entries of the last axis, from `first` on: [..., C] → [..., count]. */
export function sliceChannels(x: Tensor, first: number, count: number): Tensor {
  const { engine, shape } = x;
  const channels = shape.at(-1) ?? 0;
  if (![first, count].every(Number.isInteger) || first < 0 || count < 1 || first + count > channels) {
    throw new Error(
      `sliceChannels: got x [${shape.join(', ')}], first ${first} and count ${count}; it takes a range of the last axis`,
    );
  }
  const rest = shape.slice(0, -1);
  const y = shapes.sliceColumns(engine.device, x.buffer, channels, first, count, x.size / channels);
  return taped(engine.wrap(y, [...rest, count]), 'sliceChannels', [x], (g) => {
    const after = channels - first - count;
    const cut = after > 0 ? concatChannels(g, zeros(engine, [...rest, after])) : g;
    return [first > 0 ? concatChannels(zeros(engine, [...rest, first]), cut) : cut];
  });
}

function zeros(engine: Engine, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const buffer = engine.device.allocate(size * 4, 'zeros');
  shapes.fill(engine.device, buffer, size, 0);
  return engine.wrap(buffer, shape);
}

/**
 * Each `count` images in a row as one of so many times the channels, for a discriminator that judges them together
 * (PacGAN, Lin et al. 2018, https://arxiv.org/abs/1712.04086).
 *
 * @param x [N, H, W, C], N a multiple of `count`
 * @returns [N / count, H, W, count · C]
 */
export function packImages(x: Tensor, count: number): Tensor {
  const [n, h, w, c, ...more] = x.shape;
  const fits = n !== undefined && h !== undefined && w !== undefined && c !== undefined && more.length === 0;
  if (!fits || !Number.isInteger(count) || count < 1 || n % count !== 0) {
    const takes = 'it takes [N, H, W, C] with N a multiple of the images of a pack';
    throw new Error(`packImages: got x [${x.shape.join(', ')}] and packs of ${count}; ${takes}`);
  }
  if (count === 1) return x;
  const apart = reshape(x, [n / count, count, h * w, c]);
  return reshape(transpose(apart, [0, 2, 1, 3]), [n / count, h, w, count * c]);
}

/** Keeps the root's derivative finite where all images of a batch agree; as Karras's code has it. */
const STDDEV_EPSILON = 1e-8;

/**
 * x and behind its channels one more, which is the same number all over a batch: the standard deviation of each feature
 * over the images, averaged over the features (Karras et al. 2018, https://arxiv.org/abs/1710.10196, section 3). By it a
 * discriminator sees that a batch varies too little. Of several groups each has its own.
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
  return concatChannels(x, reshape(channel, [...shape.slice(0, -1), 1]));
}

/** √(variance over the images + ε), averaged over the features: [groups, images, features] → [groups, 1]. */
function meanDeviation(x: Tensor): Tensor {
  const { engine, shape } = x;
  const [groups = 1, images = 1, features = 1] = shape;
  const ofImages = { axes: [1], keepDims: true };
  const centred = sub(x, mean(x, ofImages));
  const deviations = sqrt(addScalar(infinityToNan(mean(square(centred), ofImages)), STDDEV_EPSILON));
  const average = engine.noGrad(() => mean(deviations, { axes: [1, 2], keepDims: true }));
  // What the mean over the images passes on is Σ centred = 0. Centred and deviations are on the tape: right to any order.
  return reshape(
    taped(average, 'meanDeviation', [x], (g) => [mul(centred, div(scale(g, 1 / (images * features)), deviations))]),
    [groups, 1],
  );
}
