/**
 * @file Dropout (Srivastava et al. 2014).
 */
import * as ops from '../../autograd/ops/index.js';
import type { Layer } from './layer.js';

/** Drops a share of the values in training. @param index distinguishes the masks of a network's dropout layers */
export function dropout(rate: number, index = 0): Layer {
  return {
    parameters: [],
    state: [],
    forward: (x, { training, random }) => {
      if (!training) return x;
      return ops.dropout(x, random === undefined ? rate : { ...random, stream: random.stream + index, rate });
    },
  };
}
