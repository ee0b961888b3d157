/**
 * @file Reshapes tensors, and applies functions, as layers without parameters.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Layer } from './layer.js';

/** A function as a layer. */
export function lambda(forward: (x: Tensor) => Tensor): Layer {
  return { parameters: [], state: [], forward };
}

/** [N, H·W·C] → [N, H, W, C]. */
export function reshapeTo(shape: readonly number[]): Layer {
  return lambda((x) => ops.reshape(x, [x.shape[0] ?? 1, ...shape]));
}

/** [N, ...] → [N, the rest]. */
export function flatten(): Layer {
  return lambda((x) => ops.reshape(x, [x.shape[0] ?? 1, x.size / (x.shape[0] ?? 1)]));
}
