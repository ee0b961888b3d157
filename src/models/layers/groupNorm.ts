/**
 * @file Group normalisation (Wu and He 2018, https://arxiv.org/abs/1803.08494).
 */
import * as ops from '../../autograd/ops/index.js';
import type { GroupNormOptions } from '../../kernels/options.js';
import { constant } from './initialisers.js';
import { type Builder, type Layer, parameter, used } from './layer.js';

/**
 * Normalisation of each image by groups of consecutive channels, scaled and shifted by channel; the same in training and
 * inference. One group is layer normalisation, a group a channel is instance normalisation.
 */
export function groupNorm(builder: Builder, name: string, channels: number, options: GroupNormOptions): Layer {
  const gamma = parameter(builder, `${name}/gamma`, [channels], constant(1));
  const beta = parameter(builder, `${name}/beta`, [channels], constant(0));
  return {
    parameters: [gamma, beta],
    state: [],
    forward: (x, pass) => ops.groupNorm(x, used(gamma, pass), used(beta, pass), options),
  };
}
