/**
 * @file Classes in a training step (`--conditional`): those of the real images, written beside them, and those that
 * generated images are asked for. docs/losses.md says where which come from.
 */
import type { Engine } from '../autograd/engine.js';
import * as ops from '../autograd/ops/index.js';
import type { RandomSource } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Loss } from './losses.js';
import { CONDITION, conditionedImages, conditionedZ, oneHot } from '../models/layers/conditioning.js';

/**
 * Generated images as a discriminator takes them: with their classes where there are any.
 *
 * @param draw what a generator takes → images
 */
export function generated(z: Tensor, classes: Tensor | undefined, draw: (input: Tensor) => Tensor): Tensor {
  return classes === undefined ? draw(z) : conditionedImages(draw(conditionedZ(z, classes)), classes);
}

/** How often each class occurs. @throws Error where an image has none of them */
export function classCounts({ name, labels }: ImageDataset): number[] {
  const counts = new Array<number>(CONDITION).fill(0);
  for (const label of labels) {
    if (!(label < CONDITION)) {
      throw new Error(
        `--conditional: ${name} has an image of label ${label}; it takes labels from 0 to ${CONDITION - 1}`,
      );
    }
    counts[label]!++;
  }
  return counts;
}

/** The classes of a GAN's images. */
export class Conditioning {
  /** Those of the real images of the next step, one-hot, in their order. */
  private readonly real: Tensor;

  /**
   * @param count real images of a step
   * @param shares how often each class is asked for, up to a common factor; all alike where absent
   */
  constructor(
    private readonly engine: Engine,
    count: number,
    private readonly loss: Loss,
    private readonly shares: readonly number[] = new Array<number>(CONDITION).fill(1),
  ) {
    this.real = engine.tensor(new Float32Array(count * CONDITION), [count, CONDITION], { name: 'real classes' });
  }

  /** Takes over the labels of the real images of the next step. @throws Error for other numbers of them, or what is no class */
  write(labels: ArrayLike<number>): void {
    this.real.write(oneHot(labels));
  }

  /** Real images as a discriminator takes them. @param first which of a step's the first of them is */
  withReal(images: Tensor, first: number): Tensor {
    return conditionedImages(images, this.ofReal(first, images.shape[0] ?? 0));
  }

  /**
   * For the generated images of an update. A penalty on the line from a real to a generated image takes two of one class:
   * they have those of the update's real images, from `first` on; otherwise {@link drawn} ones.
   */
  ofUpdate(count: number, first: number, source: RandomSource): Tensor {
    return this.loss.penalty === 'interpolates' ? this.ofReal(first, count) : this.drawn(count, source);
  }

  /** For generated images: by the shares, a function of the source alone. */
  drawn(count: number, source: RandomSource): Tensor {
    return ops.randomOneHot(this.engine, count, this.shares, source);
  }

  dispose(): void {
    this.real.free();
  }

  private ofReal(first: number, count: number): Tensor {
    return count === this.real.shape[0] ? this.real : ops.slice(this.real, first, count);
  }
}
