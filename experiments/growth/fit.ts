/**
 * @file Straight lines through points by least squares, and power laws as straight lines through logarithms.
 */

/** y = intercept + slope · x, and how sure of the slope the points' own scatter leaves us. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** The standard error of the slope: √(Σ residual² / (n − 2) / Σ (x − x̄)²). */
  readonly slopeError: number;
}

/** y = factor · x^exponent. */
export interface PowerLaw {
  readonly exponent: number;
  readonly factor: number;
  /** The standard error of the exponent. */
  readonly exponentError: number;
}

/** Two points lie on a line whatever they are, and so tell nothing of their scatter. */
export const LEAST_POINTS = 3;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * The line of least squares.
 *
 * @throws RangeError of fewer than three points, of x that are all the same, and of numbers that are not finite
 */
export function fitLine(xs: readonly number[], ys: readonly number[]): Line {
  const count = xs.length;
  if (count !== ys.length) throw new RangeError(`fitLine: got ${count} x and ${ys.length} y`);
  if (count < LEAST_POINTS) throw new RangeError(`fitLine: got ${count} points; it takes ${LEAST_POINTS} or more`);
  if (![...xs, ...ys].every(Number.isFinite)) throw new RangeError('fitLine: got a number that is not finite');
  const [meanX, meanY] = [sum(xs) / count, sum(ys) / count];
  // From the means, since the squares of large numbers would swallow the differences.
  const spread = sum(xs.map((x) => (x - meanX) ** 2));
  if (spread === 0) throw new RangeError(`fitLine: all x are ${meanX}, so no slope is better than another`);
  const slope = sum(xs.map((x, index) => (x - meanX) * (ys[index]! - meanY))) / spread;
  const intercept = meanY - slope * meanX;
  const residuals = xs.map((x, index) => ys[index]! - meanY - slope * (x - meanX));
  const variance = sum(residuals.map((residual) => residual ** 2)) / (count - 2);
  return { slope, intercept, slopeError: Math.sqrt(variance / spread) };
}

/**
 * The power law of least squares in log y over log x, in which equal ratios count alike, whether of small numbers or large.
 *
 * @throws RangeError of numbers that are not above 0, and as {@link fitLine} does
 */
export function fitPowerLaw(xs: readonly number[], ys: readonly number[]): PowerLaw {
  if (![...xs, ...ys].every((value) => value > 0))
    throw new RangeError('fitPowerLaw: got a number that is not above 0');
  const { slope, intercept, slopeError } = fitLine(xs.map(Math.log), ys.map(Math.log));
  return { exponent: slope, factor: Math.exp(intercept), exponentError: slopeError };
}
