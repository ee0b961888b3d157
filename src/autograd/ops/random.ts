/**
 * @file Random tensors of the counter-based generator: (seed, stream, counter) gives the same values every time.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import * as kernels from '../../kernels/random/random.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import type { Engine } from '../engine.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';

/** Where random numbers come from; `counter` is one u32 on the GPU that moves on from step to step. */
export interface RandomSource {
  readonly seed: number;
  readonly stream: number;
  readonly counter: DeviceBuffer;
}

/** N(0, 1). */
export function randomNormal(engine: Engine, shape: readonly number[], source: RandomSource): Tensor {
  return engine.wrap(kernels.randomNormal(engine.device, { ...source, count: sizeOf(shape) }), shape);
}

/** U[0, 1). */
export function randomUniform(engine: Engine, shape: readonly number[], source: RandomSource): Tensor {
  return engine.wrap(kernels.randomUniform(engine.device, { ...source, count: sizeOf(shape) }), shape);
}

/** `count` classes drawn by their shares, one-hot: [count, classes]. */
export function randomOneHot(engine: Engine, count: number, shares: readonly number[], source: RandomSource): Tensor {
  const y = kernels.randomOneHot(engine.device, { ...source, count, shares });
  return engine.wrap(y, [count, shares.length]);
}

/**
 * Zeroes a share `rate` of the values and scales the rest by 1 / (1 − rate). The mask is drawn again for the gradient
 * from the same counter, so it takes no memory.
 */
export function dropout(x: Tensor, options: RandomSource & { readonly rate: number }): Tensor {
  const { engine, shape, size } = x;
  const y = engine.wrap(kernels.dropout(engine.device, x.buffer, size, options), shape);
  return taped(y, 'dropout', [x], (g) => [dropout(g, options)]);
}

/**
 * x + N(0, d²) for each value, where d falls linearly from `deviation` at iteration 0 to nothing at iteration `until`, or
 * stays where that is absent. Of x it is the identity, whatever the noise.
 */
export function addNoise(
  x: Tensor,
  options: RandomSource & { readonly deviation: number; readonly until?: number | undefined },
): Tensor {
  const { engine, shape, size } = x;
  const y = engine.wrap(kernels.addNoise(engine.device, x.buffer, size, options), shape);
  return taped(y, 'addNoise', [x], (g) => [g]);
}
