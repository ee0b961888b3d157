/**
 * @file Seeded values for tests. Name the seed in what a failing test prints.
 */
import seedrandom from 'seedrandom';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';

/** N(0, 1) by Box and Muller, rounded to float32: the GPU and the float64 reference then start from the same values. */
export function seededNormal(seed: string, count: number): Float64Array {
  const uniform = seedrandom(seed);
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return Math.fround(radius * Math.cos(2 * Math.PI * uniform()));
  });
}

/** Integers from low to high, both included. */
export function seededInts(seed: string, count: number, low: number, high: number): number[] {
  const uniform = seedrandom(seed);
  return Array.from({ length: count }, () => low + Math.floor(uniform() * (high - low + 1)));
}

/** `seededNormal` in a shape. */
export function seededArray(seed: string, shape: readonly number[]): Array64 {
  return array64(shape, seededNormal(seed, sizeOf(shape)));
}
