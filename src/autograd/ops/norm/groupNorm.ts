/**
 * @file Group normalisation (Wu and He 2018, https://arxiv.org/abs/1803.08494).
 */
import { checkEpsilon } from '../../../kernels/norm/norm.js';
import type { GroupNormOptions } from '../../../kernels/options.js';
import type { Tensor } from '../../tensor.js';
import { activate } from '../activations.js';
import { add, mul } from '../elementwise.js';
import { reshape } from '../reduce.js';
import { fillLike, slice, transpose } from '../shape.js';
import { layerNorm } from './layerNorm.js';

/**
 * activation(γ (x − μ) / √(σ² + ε) + β) with μ and (biased) σ² of each image and each group of consecutive channels. One
 * group is layer normalisation, a group a channel is instance normalisation. The same in training and inference.
 *
 * @param x [N, ..., C], C a multiple of `groups`; γ and β [C]
 * @throws Error for other shapes, and without `groups`
 */
export function groupNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions): Tensor;
export function groupNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: Partial<GroupNormOptions> = {}): Tensor {
  const { groups, epsilon = 1e-5, activation = 'none' } = options;
  if (groups === undefined) throw new Error('groupNorm: got no groups; it takes { groups: number }');
  checkEpsilon('groupNorm', epsilon);
  const { shape, size } = x;
  const [images] = shape;
  const channels = shape.at(-1);
  const fits = [gamma, beta].every((tensor) => tensor.shape.join() === channels?.toString());
  const isWhole = Number.isInteger(groups) && groups >= 1 && channels !== undefined && channels % groups === 0;
  if (images === undefined || channels === undefined || shape.length < 2 || !fits || !isWhole) {
    const got = `x [${shape.join(', ')}], gamma [${gamma.shape.join(', ')}], beta [${beta.shape.join(', ')}]`;
    const takes = 'it takes x [N, ..., C] with C a multiple of the groups, and one value for each channel';
    throw new Error(`groupNorm: got ${got} and ${groups} groups; ${takes}`);
  }
  if (groups === 1) return layerNorm(x, gamma, beta, { epsilon, activation });
  const [pixels, width] = [size / images / channels, channels / groups];
  const apart = transpose(reshape(x, [images, pixels, groups, width]), [0, 2, 1, 3]);
  // Each group becomes an image. Scale and shift differ by group, so they are applied afterwards.
  // γ is sliced for the shape only.
  const zeros = fillLike(slice(gamma.detach(), 0, width), 0);
  const ones = fillLike(zeros, 1);
  const normalised = layerNorm(reshape(apart, [images * groups, pixels, width]), ones, zeros, { epsilon });
  const together = transpose(reshape(normalised, [images, groups, pixels, width]), [0, 2, 1, 3]);
  return activate(add(mul(reshape(together, shape), gamma), beta), activation);
}
