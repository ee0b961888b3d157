/**
 * @file Orders a dataset into shuffled minibatches, addressable by iteration.
 */
import type { ImageDataset } from './dataset.js';
import { randomOf } from './randomStreams.js';

const CACHED_EPOCHS = 2;

/**
 * An endless sequence of shuffled minibatches.
 *
 * The sequence is the permutations of epoch 0, 1, 2 … end to end, cut every `batchSize`: each epoch sees every index
 * exactly once, and a batch may straddle two epochs. Epoch e depends on the seed and e alone, so a resumed run gets the
 * same batches as an uninterrupted one.
 */
export class Batches {
  readonly #permutations = new Map<number, Uint32Array>();

  /**
   * @param count size of the dataset
   * @param batchSize indices a batch; may exceed `count`
   * @param seed the same seed gives the same sequence
   * @throws RangeError unless both numbers are positive integers
   */
  constructor(
    readonly count: number,
    readonly batchSize: number,
    readonly seed: string,
  ) {
    if (!Number.isSafeInteger(count) || count < 1 || count > 2 ** 32) {
      throw new RangeError(`Batches: the dataset's count must be an integer in 1 … 2^32, got ${count}.`);
    }
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`Batches: the batch size must be a positive integer, got ${batchSize}.`);
    }
  }

  /**
   * The batch of an iteration, in time independent of the iteration.
   *
   * @param iteration 0, 1, 2 …
   * @returns `batchSize` indices into the dataset, a fresh array
   * @throws RangeError for an iteration that is not an integer ≥ 0
   */
  batchAt(iteration: number): Uint32Array {
    const start = iteration * this.batchSize;
    if (!Number.isInteger(iteration) || iteration < 0 || !Number.isSafeInteger(start + this.batchSize)) {
      throw new RangeError(`Batches: the iteration must be an integer ≥ 0 that can be addressed, got ${iteration}.`);
    }
    const batch = new Uint32Array(this.batchSize);
    for (let filled = 0; filled < this.batchSize;) {
      const position = start + filled;
      const offset = position % this.count;
      const permutation = this.#permutation((position - offset) / this.count);
      const run = permutation.subarray(offset, offset + this.batchSize - filled);
      batch.set(run, filled);
      filled += run.length;
    }
    return batch;
  }

  /** The batches of iterations `first`, `first + 1`, … without end. */
  *from(first = 0): Generator<Uint32Array, never, undefined> {
    for (let iteration = first; ; iteration++) yield this.batchAt(iteration);
  }

  /** Two epochs stay cached: a straddling batch needs both. */
  #permutation(epoch: number): Uint32Array {
    const cached = this.#permutations.get(epoch);
    if (cached !== undefined) return cached;
    const fresh = shuffledIndices(this.count, `${this.seed}/epoch/${epoch}`);
    for (const oldest of this.#permutations.keys()) {
      if (this.#permutations.size < CACHED_EPOCHS) break;
      this.#permutations.delete(oldest);
    }
    this.#permutations.set(epoch, fresh);
    return fresh;
  }
}

/** Fisher–Yates (Durstenfeld's in-place form, CACM algorithm 235) over 0 … count − 1. */
function shuffledIndices(count: number, seed: string): Uint32Array {
  const random = randomOf(seed);
  const indices = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const swapped = indices[last]!;
    indices[last] = indices[chosen]!;
    indices[chosen] = swapped;
  }
  return indices;
}

/**
 * Writes the chosen images one after another, scaled from 0 … 255 to [-1, 1] (x / 127.5 − 1, the range of tanh).
 *
 * @param indices which images, in this order
 * @param out at least `indices.length · height · width · channels` floats, NHWC; the rest stays unchanged
 * @throws RangeError for an index outside the dataset or an `out` that is too short
 */
export function fillImages(dataset: ImageDataset, indices: Iterable<number>, out: Float32Array): void {
  const { count } = dataset;
  const size = dataset.height * dataset.width * dataset.channels;
  let written = 0;
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`fillImages: ${dataset.name} has images 0 … ${count - 1}, got index ${index}.`);
    }
    if (written + size > out.length) {
      throw new RangeError(
        `fillImages: image ${written / size} needs floats up to ${written + size}, out has ${out.length}.`,
      );
    }
    const bytes = dataset.bytesOf(index);
    for (let i = 0; i < size; i++) out[written + i] = bytes[i]! / 127.5 - 1;
    written += size;
  }
}
