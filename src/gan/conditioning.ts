/**
 * @file Provides the classes of a conditional GAN's training step (`--conditional`): those of the real images, and drawn ones
 * for generated images, see docs/losses.md.
 */
import type { Engine } from '../autograd/engine.js';
import * as ops from '../autograd/ops/index.js';
import type { RandomSource } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Loss } from './losses.js';
import type { GanSize } from '../models/networks/dcgan.js';
import { CONDITION, conditionedImages, conditionedZ, oneHot, planesBehind } from '../models/layers/conditioning.js';
import type { GanOptions } from './gan.js';
import type { Objective } from './objective.js';

/**
 * Generated images as the discriminator takes them: with their classes, if there are any.
 *
 * @param draw from the generator's input to images
 */
export function generated(z: Tensor, classes: Tensor | undefined, draw: (input: Tensor) => Tensor): Tensor {
  return classes === undefined ? draw(z) : conditionedImages(draw(conditionedZ(z, classes)), classes);
}

/** Number of images of each class. @throws Error for a label that is not a class */
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

/** The sizes of both networks: a conditional generator takes a class behind z, its discriminator planes behind the image. */
export function networkSizes(
  objective: Objective,
  { zDim, width, channels }: Pick<GanOptions, 'zDim' | 'width' | 'channels'>,
): Readonly<Record<'ofGenerator' | 'ofDiscriminator', GanSize>> {
  const { conditional } = objective;
  const size = { ...objective, zDim: zDim + (conditional ? CONDITION : 0), width, channels };
  return {
    ofGenerator: size,
    ofDiscriminator: { ...size, channels: channels + (conditional ? planesBehind(channels) : 0) },
  };
}

/** The classes of a GAN's images. */
export class Conditioning {
  /** Classes of the next step's real images, one-hot, in their order. */
  private readonly real: Tensor;

  /**
   * @param count real images of a step
   * @param shares relative frequencies of the drawn classes; uniform by default
   */
  constructor(
    private readonly engine: Engine,
    count: number,
    private readonly loss: Loss,
    private readonly shares: readonly number[] = new Array<number>(CONDITION).fill(1),
  ) {
    this.real = engine.tensor(new Float32Array(count * CONDITION), [count, CONDITION], { name: 'real classes' });
  }

  /** Writes the labels of the next step's real images. @throws Error for another number of labels, or an invalid one */
  write(labels: ArrayLike<number>): void {
    this.real.write(oneHot(labels));
  }

  /** Real images as the discriminator takes them. @param first index of the first of them in the step */
  withReal(images: Tensor, first: number): Tensor {
    return conditionedImages(images, this.ofReal(first, images.shape[0] ?? 0));
  }

  /**
   * Classes for the generated images of an update. A penalty on the line from a real to a generated image needs two of one
   * class: it gets the classes of the real images, from `first` on. Otherwise they are {@link drawn}.
   */
  ofUpdate(count: number, first: number, source: RandomSource): Tensor {
    return this.loss.penalty === 'interpolates' ? this.ofReal(first, count) : this.drawn(count, source);
  }

  /** Drawn classes for generated images, by the shares; a function of the source alone. */
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
