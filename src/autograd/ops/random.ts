/**
 * @file Draws random tensors. (seed, stream, counter) gives the same values every time, on every device.
 */
import * as kernels from '../../kernels/random/random.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import type { Engine } from '../engine.js';
import type { RandomSource } from '../randomStream.js';
import type { Tensor } from '../tensor.js';

export type { RandomSource } from '../randomStream.js';

/**
 * Completes a source. Without a seed it is the engine's next draw; with one, the stream is 0 if absent. The counter is the
 * engine's if absent: eager draws of equal seeds are equal, and each replay of a recorded step draws anew.
 */
export function completeSource(engine: Engine, source: Partial<RandomSource> = {}): RandomSource {
  const { seed, stream, counter } = source;
  if (seed !== undefined && counter !== undefined) return { seed, stream: stream ?? 0, counter };
  const own = engine.random.next();
  return {
    seed: seed ?? own.seed,
    stream: stream ?? (seed === undefined ? own.stream : 0),
    counter: counter ?? own.counter,
  };
}

/** N(0, 1). @param source the engine's own stream if absent */
export function randomNormal(engine: Engine, shape: readonly number[], source?: Partial<RandomSource>): Tensor {
  const drawn = completeSource(engine, source);
  return engine.wrap(kernels.randomNormal(engine.device, { ...drawn, count: sizeOf(shape) }), shape);
}

/** U[0, 1). @param source the engine's own stream if absent */
export function randomUniform(engine: Engine, shape: readonly number[], source?: Partial<RandomSource>): Tensor {
  const drawn = completeSource(engine, source);
  return engine.wrap(kernels.randomUniform(engine.device, { ...drawn, count: sizeOf(shape) }), shape);
}

/** Draws `count` classes with the given probabilities, one-hot: [count, classes]. @param source the engine's own stream if absent */
export function randomOneHot(
  engine: Engine,
  count: number,
  shares: readonly number[],
  source?: Partial<RandomSource>,
): Tensor {
  const drawn = completeSource(engine, source);
  const y = kernels.randomOneHot(engine.device, { ...drawn, count, shares });
  return engine.wrap(y, [count, shares.length]);
}
