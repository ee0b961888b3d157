/**
 * @file Checks sets of vectors and prepares their rows for the metrics that compare them.
 */
import { fillImages } from '../../data/batches.js';
import type { ImageDataset } from '../../data/dataset.js';

/** Vectors in row-major order. */
export interface Points {
  readonly count: number;
  /** Number of values of a point. */
  readonly size: number;
  /** [count, size] */
  readonly values: Float32Array;
}

/** Rows that are written on request, so that a training set is not copied to be scaled. */
export interface Rows {
  readonly count: number;
  readonly size: number;
  /** Writes row `index` into `target`, which has its length. */
  readonly write: (index: number, target: Float32Array) => void;
}

/** Larger values overflow float32 in the sums of cubes of products. */
const LARGEST = 1e5;

/**
 * @param op the caller, and `what` the points are, for the message
 * @param least smallest number of points
 * @param size values of a point; any if absent
 * @throws Error for fewer points, another size, and NaN, ±∞ or a number above 1e5, naming its row
 */
export function checkPoints(op: string, what: string, points: Points, least: number, size = points.size): void {
  const { count, values } = points;
  if (!Number.isInteger(points.size) || points.size < 1 || points.size !== size || values.length !== count * size) {
    const takes = `${Number.isInteger(size) && size >= 1 ? size : 'one or more'} numbers each`;
    throw new Error(
      `${op}: got ${count} ${what} of ${points.size} numbers, ${values.length} numbers in all; it takes ${takes}`,
    );
  }
  if (!Number.isInteger(count) || count < least) {
    throw new Error(`${op}: got ${count} ${what}; it takes ${least} at least`);
  }
  for (let at = 0; at < values.length; at++) {
    if (!(Math.abs(values[at]!) <= LARGEST)) {
      const row = Math.floor(at / size);
      throw new Error(
        `${op}: row ${row} of the ${what} holds ${values[at]!}; it takes numbers from -${LARGEST} to ${LARGEST}`,
      );
    }
  }
}

/** The points as they are. */
export function rowsOf({ count, size, values }: Points): Rows {
  return {
    count,
    size,
    write: (index, target) => target.set(values.subarray(index * size, (index + 1) * size)),
  };
}

/** The rows less `center`, [size]: distances do not see it, but float32 does where all lie far from 0. */
export function centred({ count, size, write }: Rows, center: Float64Array): Rows {
  return {
    count,
    size,
    write: (index, target) => {
      write(index, target);
      for (let i = 0; i < size; i++) target[i]! -= center[i]!;
    },
  };
}

/** The images of a dataset, in [−1, 1] as networks see them. */
export function imageRows(dataset: ImageDataset): Rows {
  const { count, height, width, channels } = dataset;
  return { count, size: height * width * channels, write: (index, target) => fillImages(dataset, [index], target) };
}

/** The mean of the points, [size]. */
export function meanOf({ count, size, values }: Points): Float64Array {
  const mean = new Float64Array(size);
  for (let at = 0; at < values.length; at++) mean[at % size]! += values[at]!;
  return mean.map((sum) => sum / count);
}
