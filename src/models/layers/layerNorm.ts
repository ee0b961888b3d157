/**
 * @file Layer normalisation (Ba et al. 2016, https://arxiv.org/abs/1607.06450).
 */
import * as ops from '../../autograd/ops/index.js';
import type { Activation } from '../../kernels/options.js';
import { constant } from './initialisers.js';
import { type Builder, type Layer, parameter, used } from './layer.js';

/** Options of a layer normalisation layer. */
export interface LayerNormLayerOptions {
  readonly epsilon: number;
  readonly activation?: Activation;
}

/** Layer normalisation over all axes but the first, scaled and shifted by channel; the same in training and inference. */
export function layerNorm(builder: Builder, name: string, channels: number, options: LayerNormLayerOptions): Layer {
  const gamma = parameter(builder, `${name}/gamma`, [channels], constant(1));
  const beta = parameter(builder, `${name}/beta`, [channels], constant(0));
  return {
    parameters: [gamma, beta],
    state: [],
    forward: (x, pass) => ops.layerNorm(x, used(gamma, pass), used(beta, pass), options),
  };
}
