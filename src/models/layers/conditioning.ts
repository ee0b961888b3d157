/**
 * @file How networks are told a class (Mirza and Osindero 2014, https://arxiv.org/abs/1411.1784): one-hot, behind z for a
 * generator, and as constant planes behind the channels of an image for a discriminator. Either is a concatenation, so
 * gradients of any order pass, and the networks are those of the architecture with some inputs more.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import { CLASSES } from '../networks/classifier.js';

/** Numbers that a class takes behind z. */
export const CONDITION = CLASSES;

/**
 * Planes that a class takes behind the channels of an image: one for each class, and such as are always 0 up to a multiple
 * of 4, which the convolutions' vec4s like: on lavapipe the first one, forwards and backwards, takes 33 ms with 12 channels
 * and 79 ms with 11 (64 images, 16 filters). The weights of an empty plane never move.
 */
export function planesBehind(channels: number): number {
  return 4 * Math.ceil((channels + CONDITION) / 4) - channels;
}

/**
 * What a conditional generator takes.
 *
 * @param z [N, zDim]
 * @param classes [N, CONDITION], one-hot
 * @returns [N, zDim + CONDITION]
 */
export function conditionedZ(z: Tensor, classes: Tensor): Tensor {
  return ops.concat(z, classes, -1);
}

/**
 * What a conditional discriminator takes.
 *
 * @param images [N, H, W, C]
 * @param classes [N, CONDITION], one-hot
 * @returns [N, H, W, C + planesBehind(C)]: the plane of an image's class is 1 all over, the others are 0
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

/** The images that a discriminator takes, without planes where it takes any. @param channels of an image alone */
export function imagesOf(taken: Tensor, channels: number): Tensor {
  return taken.shape.at(-1) === channels ? taken : ops.slice(taken, 0, channels, -1);
}

/** Other images of the same classes as those that a discriminator takes; the images alone where it takes no planes. */
export function withPlanesOf(taken: Tensor, images: Tensor): Tensor {
  const [channels = 1, all = 1] = [images, taken].map(({ shape }) => shape.at(-1));
  return all === channels ? images : ops.concat(images, ops.slice(taken, channels, all - channels, -1), -1);
}

/**
 * Rows that a conditional generator takes, on the host: z, and behind it the class, one-hot.
 *
 * @param z [count, zDim]
 * @param classes `count` of them, 0 … CONDITION − 1
 * @returns [count, zDim + CONDITION]
 * @throws Error for other numbers of them, or for what is no class
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

/** [count, CONDITION], on the host. @throws Error for what is no class */
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
