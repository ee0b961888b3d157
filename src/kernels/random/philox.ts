/**
 * @file Philox4x32-10 on the host, bit for bit the generator of `shaders/random/philox.wgsl`.
 *
 * Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
 * https://www.thesalmons.org/john/random123/papers/random123sc11.pdf
 */

export type Words4 = readonly [number, number, number, number];
export type Words2 = readonly [number, number];

/** @returns four random words of 32 bits, a bijection of the counter for each key. */
export function philox4x32(counter: Words4, key: Words2): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    // Weyl sequences of the golden ratio and of √3 − 1.
    [k0, k1] = [(k0 + 0x9e3779b9) >>> 0, (k1 + 0xbb67ae85) >>> 0];
  }
  return [c0, c1, c2, c3];
}

/** The 64-bit product of two words as [high, low]. Every intermediate is an integer below 2⁵³, and so exact. */
function multiply(a: number, b: number): readonly [number, number] {
  const low = a * (b & 0xffff);
  const high = a * (b >>> 16) + Math.floor(low / 0x10000);
  return [Math.floor(high / 0x10000), Math.imul(a, b) >>> 0];
}
