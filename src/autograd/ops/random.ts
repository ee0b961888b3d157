/**
 * @file Draws random tensors. (seed, stream, counter) gives the same values every time, on every device.
 */
import * as kernels from '../../kernels/random/random.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import type { Engine } from '../engine.js';
import type { RandomSource } from '../randomStream.js';
import type { Tensor } from '../tensor.js';

export type { RandomSource } from '../randomStream.js';

/** N(0, 1). @param source the engine's own stream if absent */
export function randomNormal(engine: Engine, shape: readonly number[], source?: RandomSource): Tensor {
  const drawn = source ?? engine.random.next();
  return engine.wrap(kernels.randomNormal(engine.device, { ...drawn, count: sizeOf(shape) }), shape);
}

/** U[0, 1). @param source the engine's own stream if absent */
export function randomUniform(engine: Engine, shape: readonly number[], source?: RandomSource): Tensor {
  const drawn = source ?? engine.random.next();
  return engine.wrap(kernels.randomUniform(engine.device, { ...drawn, count: sizeOf(shape) }), shape);
}

/** Draws `count` classes with the given probabilities, one-hot: [count, classes]. @param source the engine's own stream if absent */
export function randomOneHot(engine: Engine, count: number, shares: readonly number[], source?: RandomSource): Tensor {
  const drawn = source ?? engine.random.next();
  const y = kernels.randomOneHot(engine.device, { ...drawn, count, shares });
  return engine.wrap(y, [count, shares.length]);
}
