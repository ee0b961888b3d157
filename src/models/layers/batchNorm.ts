/**
 * @file Batch normalisation (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167).
 */
import * as ops from '../../autograd/ops/index.js';
import type { Activation } from '../../kernels/options.js';
import { constant } from './initialisers.js';
import { type Builder, type Layer, parameter, stateTensor, updatesState, used } from './layer.js';

/** Options of a batch normalisation layer. */
export interface BatchNormLayerOptions {
  /** Share of the running averages that an update keeps (Keras's convention). */
  readonly momentum: number;
  readonly epsilon: number;
  readonly activation?: Activation;
}

/** Batch normalisation over all axes but the last, with running averages for inference. */
export function batchNorm(builder: Builder, name: string, channels: number, options: BatchNormLayerOptions): Layer {
  const { momentum, epsilon, activation = 'none' } = options;
  const gamma = parameter(builder, `${name}/gamma`, [channels], constant(1));
  const beta = parameter(builder, `${name}/beta`, [channels], constant(0));
  const mean = stateTensor(builder, `${name}/moving_mean`, [channels], 0);
  const variance = stateTensor(builder, `${name}/moving_variance`, [channels], 1);
  return {
    parameters: [gamma, beta],
    state: [mean, variance],
    forward: (x, pass) => {
      const [scale, shift] = [used(gamma, pass), used(beta, pass)];
      if (!pass.training) return ops.batchNormInference(x, scale, shift, mean, variance, { epsilon, activation });
      const running = updatesState(pass) ? { mean, variance, momentum } : undefined;
      return ops.batchNorm(x, scale, shift, { epsilon, activation, groups: pass.groups, running }).output;
    },
  };
}
