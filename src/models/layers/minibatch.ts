/**
 * @file Lets a discriminator compare several images. Images of different groups of a pass are never mixed: real and
 * generated images in one pass stay separate.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Layer } from './layer.js';

/** Appends a channel with the standard deviation of a group's images: [N, ..., C] → [N, ..., C + 1]. */
export function minibatchStddev(): Layer {
  return { parameters: [], state: [], forward: (x, { groups }) => ops.minibatchStddev(x, { groups }) };
}

/**
 * Packs each `count` consecutive images into one: [N, H, W, C] → [N / count, H, W, count · C].
 *
 * @throws Error for a count that is not an integer of at least 1; in a pass, for groups that do not split into whole packs
 */
export function packImages(count: number): Layer {
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`packImages: got packs of ${count}; it takes an integer of at least 1`);
  }
  return {
    parameters: [],
    state: [],
    forward: (x, { groups = 1 }) => {
      const [n = 1] = x.shape;
      if (n % (groups * count) !== 0) {
        const takes = `it takes ${groups === 1 ? 'a batch' : `${groups} equal groups`} of whole packs of ${count}`;
        throw new Error(`packImages: got x [${x.shape.join(', ')}]; ${takes}`);
      }
      return ops.packImages(x, count);
    },
  };
}
