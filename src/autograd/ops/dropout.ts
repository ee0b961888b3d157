/**
 * @file Drops values at random, and adds noise. The backward pass draws the same numbers again instead of storing them.
 */
import * as kernels from '../../kernels/random/random.js';
import { taped } from '../tape.js';
import type { RandomSource } from '../randomStream.js';
import type { Tensor } from '../tensor.js';
import { completeSource } from './random.js';

/** Options of {@link dropout}. */
export interface DropoutOptions extends Partial<RandomSource> {
  /** Share of the values that is dropped: from 0 to below 1. */
  readonly rate: number;
}

/**
 * Zeroes a share of the values and scales the rest by 1 / (1 − rate) (Srivastava et al. 2014).
 *
 * @param options without a seed, the mask comes from the engine's stream; with a seed, it depends on the source only, whose
 *   stream is 0 if absent
 * @throws Error for a rate that is not from 0 to below 1
 */
export function dropout(x: Tensor, options: DropoutOptions | number): Tensor {
  const given = typeof options === 'number' ? { rate: options } : options;
  return dropped(x, { ...given, ...completeSource(x.engine, given) });
}

function dropped(x: Tensor, options: kernels.DropoutOptions): Tensor {
  const { engine, shape, size } = x;
  const y = engine.wrap(kernels.dropout(engine.device, x.buffer, size, options), shape);
  return taped(y, 'dropout', [x], (g) => [dropped(g, options)]);
}

/** Options of {@link addNoise}. */
export interface NoiseOptions extends Partial<RandomSource> {
  /** Standard deviation at iteration 0. */
  readonly deviation: number;
  /** Iteration at which the deviation has fallen linearly to 0. If absent: it is constant. */
  readonly until?: number | undefined;
}

/** x + N(0, d²) for each value, with d of the current iteration. The gradient is that of the identity. */
export function addNoise(x: Tensor, options: NoiseOptions): Tensor {
  const { engine, shape, size } = x;
  const drawn = { ...options, ...completeSource(engine, options) };
  const y = engine.wrap(kernels.addNoise(engine.device, x.buffer, size, drawn), shape);
  return taped(y, 'addNoise', [x], (g) => [g]);
}
