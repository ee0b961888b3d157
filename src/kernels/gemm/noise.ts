/**
 * @file Inputs for measuring products.
 */

/** Uniform in [−1, 1), by a linear congruential generator: the same on every run, and timing needs no better. */
export function noise(count: number, seed: number): Float32Array {
  let state = Math.imul(seed, 2654435761);
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2147483648;
  });
}
