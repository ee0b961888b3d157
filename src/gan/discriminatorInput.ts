/**
 * @file What a discriminator is given of images, real and generated ones alike: moved and cut at random (DiffAugment, Zhao et
 * al. 2020, https://arxiv.org/abs/2006.10738), and under noise (Sønderby et al. 2017, https://arxiv.org/abs/1610.04490;
 * Arjovsky and Bottou 2017, https://arxiv.org/abs/1701.04862). Both let gradients through to what made the images, so that
 * the generator learns to make images whose changed versions pass, and not changed images.
 */
import * as ops from '../autograd/ops/index.js';
import type { RandomSource } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import { AUGMENT_DRAWS } from '../kernels/augment.js';
import type { Augmentation } from './augmentations.js';
import type { Objective } from './objective.js';
import { WITHIN } from './streams.js';

/** The value of a pixel that is not there. The paper's code pads with 0, grey here; a digit's surroundings are black. */
const BLACK = -1;

/** Shares of an image's side, as the paper has them: the largest movement, and the side of the hole. Its code rounds both. */
const SHIFT = 1 / 8;
const HOLE = 1 / 2;

/**
 * @param images [N, H, W, C] in [−1, 1]
 * @param random of the pass that they are for
 * @returns the images themselves where nothing is to be done to them
 */
export function augmentInputs(
  images: Tensor,
  { augment, instanceNoise, noiseIterations }: Pick<Objective, 'augment' | 'instanceNoise' | 'noiseIterations'>,
  random: RandomSource,
): Tensor {
  const from = (use: keyof typeof WITHIN): RandomSource => ({ ...random, stream: random.stream + WITHIN[use] });
  const augmented = augment.length === 0 ? images : augmentedBy(images, augment, from('augmentation'));
  // Noise comes last: it is to leave no image without any, and neither are its holes.
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
