/**
 * @file Passes a class to networks (conditional GAN, Mirza and Osindero 2014, https://arxiv.org/abs/1411.1784): to a generator
 * as a one-hot vector after z, to a discriminator as constant planes after the channels of an image. Both are
 * concatenations, so gradients of any order flow through; the networks only take more inputs.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { CLASSES } from '../networks/classifier.js';

/** Length of the one-hot vector after z. */
export const CONDITION = CLASSES;

/**
 * Number of planes after the channels of an image: one for each class, and planes of zeros up to a multiple of 4 channels,
 * because the convolutions read vec4s: on lavapipe the first one, forward and backward, takes 33 ms with 12 channels and
 * 79 ms with 11 (64 images, 16 filters). The weights of a plane of zeros have gradient 0.
 */
export function planesBehind(channels: number): number {
  return 4 * Math.ceil((channels + CONDITION) / 4) - channels;
}

/**
 * Input of a conditional generator.
 *
 * @param z [N, zDim]
 * @param classes [N, CONDITION], one-hot
 * @returns [N, zDim + CONDITION]
 */
export function conditionedZ(z: Tensor, classes: Tensor): Tensor {
  return ops.concat(z, classes, -1);
}

/**
 * Input of a conditional discriminator.
 *
 * @param images [N, H, W, C]
 * @param classes [N, CONDITION], one-hot
 * @returns [N, H, W, C + planesBehind(C)]: the plane of an image's class is 1, the others are 0
 * @throws Error for other shapes
 */
export function conditionedImages(images: Tensor, classes: Tensor): Tensor {
  const [n, h, w, c, ...more] = images.shape;
  const isWhole = n !== undefined && h !== undefined && w !== undefined && c !== undefined && more.length === 0;
  if (!isWhole || classes.shape.join() !== [n, CONDITION].join()) {
    const got = `got images [${images.shape.join(', ')}] and classes [${classes.shape.join(', ')}]`;
    throw new Error(`conditionedImages: ${got}; it takes [N, H, W, C] and [N, ${CONDITION}]`);
  }
  const planes = planesBehind(c);
  const empty = planes - CONDITION;
  const row = empty === 0 ? classes : ops.concat(classes, ops.fillLike(ops.slice(classes, 0, empty, -1), 0), -1);
  const spread = ops.broadcastTo(ops.reshape(row, [n, 1, 1, planes]), [n, h, w, planes]);
  return ops.concat(images, spread, -1);
}

/** The images of a discriminator's input, without class planes. @param channels of an image without planes */
export function imagesOf(taken: Tensor, channels: number): Tensor {
  return taken.shape.at(-1) === channels ? taken : ops.slice(taken, 0, channels, -1);
}

/** Joins other images with the class planes of a discriminator's input; returns `images` if the input has no planes. */
export function withPlanesOf(taken: Tensor, images: Tensor): Tensor {
  const [channels = 1, all = 1] = [images, taken].map(({ shape }) => shape.at(-1));
  return all === channels ? images : ops.concat(images, ops.slice(taken, channels, all - channels, -1), -1);
}

/**
 * Input of a conditional generator on the host: z, followed by the one-hot class.
 *
 * @param z [count, zDim]
 * @param classes [count] integers, 0 … CONDITION − 1
 * @returns [count, zDim + CONDITION]
 * @throws Error for other lengths, or an invalid class
 */
export function conditionedRows(z: Float32Array, zDim: number, classes: ArrayLike<number>): Float32Array {
  const count = classes.length;
  if (z.length !== count * zDim) {
    throw new Error(`conditionedRows: got ${z.length} numbers for ${count} classes; it takes ${zDim} for each`);
  }
  const width = zDim + CONDITION;
  const rows = new Float32Array(count * width);
  const hot = oneHot(classes);
  for (let row = 0; row < count; row++) {
    rows.set(z.subarray(row * zDim, (row + 1) * zDim), row * width);
    rows.set(hot.subarray(row * CONDITION, (row + 1) * CONDITION), row * width + zDim);
  }
  return rows;
}

/** One-hot vectors on the host: [count, CONDITION]. @throws Error for an invalid class */
export function oneHot(classes: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(classes.length * CONDITION);
  for (let row = 0; row < classes.length; row++) {
    const named = classes[row]!;
    if (!Number.isInteger(named) || named < 0 || named >= CONDITION) {
      throw new Error(`oneHot: got class ${named}; it takes 0 to ${CONDITION - 1}`);
    }
    rows[row * CONDITION + named] = 1;
  }
  return rows;
}
