/**
 * @file Augments the discriminator's input, real and generated images alike: random translation and cutout (DiffAugment, Zhao
 * et al. 2020, https://arxiv.org/abs/2006.10738) and noise (Sønderby et al. 2017, https://arxiv.org/abs/1610.04490; Arjovsky
 * and Bottou 2017, https://arxiv.org/abs/1701.04862). Gradients pass through both to the generator, so that it learns to make
 * images whose augmented versions look real, instead of augmented images.
 */
import * as ops from '../autograd/ops/index.js';
import type { RandomSource } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import { AUGMENT_DRAWS } from '../kernels/augment.js';
import type { Augmentation } from './augmentations.js';
import type { Objective } from './objective.js';
import { WITHIN } from './streams.js';

/** Value of new pixels. The paper's code pads with 0, which is grey here; the background of a digit is black. */
const BLACK = -1;

/** The largest translation and the side of the hole, as shares of an image's side. The paper's code rounds both. */
const SHIFT = 1 / 8;
const HOLE = 1 / 2;

/**
 * @param images [N, H, W, C] in [−1, 1]
 * @param random source of the pass
 * @returns the same tensor without augmentation and noise
 */
export function augmentInputs(
  images: Tensor,
  { augment, instanceNoise, noiseIterations }: Pick<Objective, 'augment' | 'instanceNoise' | 'noiseIterations'>,
  random: RandomSource,
): Tensor {
  const from = (use: keyof typeof WITHIN): RandomSource => ({ ...random, stream: random.stream + WITHIN[use] });
  const augmented = augment.length === 0 ? images : augmentedBy(images, augment, from('augmentation'));
  // Noise comes last, so that it also covers the holes.
  if (instanceNoise === undefined) return augmented;
  return ops.addNoise(augmented, { ...from('noise'), deviation: instanceNoise, until: noiseIterations });
}

function augmentedBy(images: Tensor, augment: readonly Augmentation[], random: RandomSource): Tensor {
  const [count = 1, height = 1, width = 1] = images.shape;
  const part = (share: number, of: Augmentation): readonly [number, number] | undefined => {
    return augment.includes(of) ? [Math.round(height * share), Math.round(width * share)] : undefined;
  };
  const draws = ops.randomUniform(images.engine, [count, AUGMENT_DRAWS], random);
  return ops.augment(images, draws, { shift: part(SHIFT, 'translation'), hole: part(HOLE, 'cutout'), fill: BLACK });
}
