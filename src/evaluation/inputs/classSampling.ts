/**
 * @file Classes that a conditional generator is asked for when it is looked at: as often as they occur among the real
 * images, so that its samples are comparable with them.
 */
import { randomStream } from '../../data/randomStreams.js';
import { conditionedRows } from '../../models/layers/conditioning.js';

/** How a conditional generator is asked. */
export interface Asked {
  /** How often each class is asked for, up to a common factor. */
  readonly shares: readonly number[];
  readonly seed: string;
}

/** Classes drawn by their shares; the first ones are those of a smaller count. */
export function drawClasses(count: number, { shares, seed }: Asked): Uint8Array {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const random = randomStream(seed, 'classes');
  return Uint8Array.from({ length: count }, () => {
    let left = random() * total;
    const found = shares.findIndex((share) => (left -= share) < 0);
    // Rounding may leave a little behind the last.
    return found >= 0 ? found : shares.findLastIndex((share) => share > 0);
  });
}

/** What a generator takes of z [count, zDim]: z, and where it is conditional the classes it is asked for. */
export function askedRows(z: Float32Array, zDim: number, asked: Asked | undefined): Float32Array {
  return asked === undefined ? z : conditionedRows(z, zDim, drawClasses(z.length / zDim, asked));
}
