/**
 * @file Makes a few hundred points of a curve of any length: means of bins, with the spread inside of each.
 */

/** One bin. All its values are null where none of the bin's values is finite: a gap in the curve. */
export interface CurvePoint {
  /** The mean of the bin's iterations. */
  readonly iteration: number;
  readonly mean: number | null;
  /** The 5 % quantile. */
  readonly low: number | null;
  /** The 95 % quantile. */
  readonly high: number | null;
}

/** On the 640 pixels of a chart, more points than this are noise to the eye. */
export const MOST_POINTS = 250;

/** Iterations a bin: the smallest of 1, 2, 5, 10, 20, 50 … that makes at most `MOST_POINTS` bins of first … last. */
export function binWidth(first: number, last: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const width of [decade, 2 * decade, 5 * decade]) {
      if (binOf(last, width) - binOf(first, width) < MOST_POINTS) return width;
    }
  }
}

/**
 * Thins a curve. A bin that has no iterations is left out; values that are not finite do not count.
 *
 * @param iterations ascending, and as many as `values`
 * @param width iterations a bin: the first bin is 1 … width
 */
export function binCurve(
  iterations: ArrayLike<number>,
  values: ArrayLike<number>,
  width: number,
): readonly CurvePoint[] {
  const points: CurvePoint[] = [];
  for (let start = 0, end = 0; start < iterations.length; start = end) {
    const bin = binOf(iterations[start]!, width);
    while (end < iterations.length && binOf(iterations[end]!, width) === bin) end++;
    points.push(pointOf(iterations, values, start, end));
  }
  return points;
}

function binOf(iteration: number, width: number): number {
  return Math.floor((iteration - 1) / width);
}

/** The point of the rows start … end − 1. */
function pointOf(iterations: ArrayLike<number>, values: ArrayLike<number>, start: number, end: number): CurvePoint {
  const finite = new Float64Array(end - start);
  let count = 0;
  let sum = 0;
  let iterationSum = 0;
  for (let row = start; row < end; row++) {
    iterationSum += iterations[row]!;
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    finite[count++] = value;
    sum += value;
  }
  const iteration = iterationSum / (end - start);
  if (count === 0) return { iteration, mean: null, low: null, high: null };
  const sorted = finite.subarray(0, count).sort();
  return { iteration, mean: sum / count, low: quantile(sorted, 0.05), high: quantile(sorted, 0.95) };
}

/** Linear between the two nearest of `sorted`, which is ascending and not empty. */
function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const lower = sorted[below]!;
  const upper = sorted[Math.ceil(at)]!;
  return lower + (upper - lower) * (at - below);
}
