/**
 * @file Generates random numbers by (seed, index), so that a digit can be drawn without drawing those before it.
 *
 * This folder computes with +, −, ×, ÷ and √ only. IEEE 754 specifies these to the last bit, while `Math.sin`, `exp` and
 * `log` differ between engines. A seed therefore gives the same images everywhere.
 */

/** sfc32: Chris Doty-Humphrey's small fast counting generator, from PractRand; 128 bits of state. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param key two words that represent the seed, see `seedKey`; @param index the seed's stream */
  constructor(key: readonly [number, number], index: number) {
    this.#a = key[0];
    this.#b = key[1] ^ Math.imul(Math.floor(index / 2 ** 32), 0x9e3779b9);
    this.#c = index | 0;
    // PractRand's number of rounds to mix a seed in; without them, neighbouring indices start with similar numbers.
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#next() / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform among 0 … count − 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /**
   * Nearly normal with mean 0 and standard deviation 1: the sum of four uniforms (Irwin–Hall). It needs no logarithm and
   * stays within ±3.47, so that no outlier makes a digit illegible.
   */
  normal(): number {
    return (this.uniform() + this.uniform() + this.uniform() + this.uniform() - 2) * IRWIN_HALL_SCALE;
  }

  #next(): number {
    const mixed = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + mixed) | 0;
    return mixed >>> 0;
  }
}

/** The variance of four uniforms is 4 / 12. */
const IRWIN_HALL_SCALE = Math.sqrt(3);

/** Two words of a seed's text: FNV-1a with two offset bases. */
export function seedKey(seed: string): [number, number] {
  return [fnv1a(seed, 0x811c9dc5), fnv1a(seed, 0x2f0b4c47)];
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
