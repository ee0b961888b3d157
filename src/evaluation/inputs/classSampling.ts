/**
 * @file Draws classes for a conditional generator with their frequencies among the real images, so that its samples are
 * comparable with them.
 */
import { randomStream } from '../../data/randomStreams.js';
import { conditionedRows } from '../../models/layers/conditioning.js';

/** How the classes of a conditional generator are drawn. */
export interface ClassSampling {
  /** Relative frequency of each class, up to a common factor. */
  readonly shares: readonly number[];
  readonly seed: string;
}

/** Draws classes by their shares. The same seed with a smaller count gives the first ones. */
export function drawClasses(count: number, { shares, seed }: ClassSampling): Uint8Array {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const random = randomStream(seed, 'classes');
  return Uint8Array.from({ length: count }, () => {
    let left = random() * total;
    const found = shares.findIndex((share) => (left -= share) < 0);
    // Rounding may leave a little behind the last.
    return found >= 0 ? found : shares.findLastIndex((share) => share > 0);
  });
}

/** The generator's input for z [count, zDim]: z itself, or z with drawn classes behind it for a conditional generator. */
export function inputRows(z: Float32Array, zDim: number, classSampling: ClassSampling | undefined): Float32Array {
  return classSampling === undefined ? z : conditionedRows(z, zDim, drawClasses(z.length / zDim, classSampling));
}
