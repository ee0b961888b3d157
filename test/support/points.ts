/**
 * @file Sets of points for the tests of the metrics.
 */
import type { Points } from '../../src/evaluation/features/points.js';
import type { Rows64 } from '../reference/pairs.js';
import { seededInts, seededNormal } from './random.js';

/** N(0, 1) in each of `size` directions. */
export function normalPoints(seed: string, count: number, size: number): Points {
  return { count, size, values: Float32Array.from(seededNormal(seed, count * size)) };
}

export function pointsOf(rows: Rows64): Points {
  return { count: rows.length, size: rows[0]!.length, values: Float32Array.from(rows.flat()) };
}

/** As the device sees them: rounded to float32. */
export function rows64({ count, size, values }: Points): number[][] {
  return Array.from({ length: count }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
}

/** Each value through f, which is told its place in the row and its row. */
export function mapPoints(points: Points, f: (value: number, place: number, row: number) => number): Points {
  const { size, values } = points;
  return { ...points, values: values.map((value, at) => f(value, at % size, Math.floor(at / size))) };
}

/** The rows of these numbers, in this order. */
export function pick({ size, values }: Points, rows: readonly number[]): Points {
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, at) => picked.set(values.subarray(row * size, (row + 1) * size), at * size));
  return { count: rows.length, size, values: picked };
}

/** All rows in another order. */
export function shuffled(points: Points, seed: string): Points {
  const keys = seededInts(seed, points.count, 0, 2 ** 30);
  return pick(
    points,
    [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!),
  );
}

/** `count` points round-robin around the given number of centres, far apart along the axes. */
export function clusters(seed: string, count: number, size: number, centers: readonly number[]): Points {
  return mapPoints(normalPoints(seed, count, size), (value, place, row) => {
    return value + (place === centers[row % centers.length]! ? 100 : 0);
  });
}
