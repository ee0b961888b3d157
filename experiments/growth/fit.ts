/**
 * @file Fits straight lines by least squares, and power laws as straight lines through logarithms.
 */

/** y = intercept + slope · x, with the standard error of the slope. */
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

/** Least number of points: two points always lie on a line, so their scatter is unknown. */
export const LEAST_POINTS = 3;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Fits a line by least squares.
 *
 * @throws RangeError for fewer than three points, for identical x, and for numbers that are not finite
 */
export function fitLine(xs: readonly number[], ys: readonly number[]): Line {
  const count = xs.length;
  if (count !== ys.length) throw new RangeError(`fitLine takes as many y as x; got ${count} x and ${ys.length} y`);
  if (count < LEAST_POINTS) throw new RangeError(`fitLine takes at least ${LEAST_POINTS} points; got ${count}`);
  if (![...xs, ...ys].every(Number.isFinite)) throw new RangeError('fitLine takes finite numbers');
  const [meanX, meanY] = [sum(xs) / count, sum(ys) / count];
  // Differences from the means avoid cancellation in sums of large squares.
  const spread = sum(xs.map((x) => (x - meanX) ** 2));
  if (spread === 0) throw new RangeError(`fitLine takes different x; all are ${meanX}`);
  const slope = sum(xs.map((x, index) => (x - meanX) * (ys[index]! - meanY))) / spread;
  const intercept = meanY - slope * meanX;
  const residuals = xs.map((x, index) => ys[index]! - meanY - slope * (x - meanX));
  const variance = sum(residuals.map((residual) => residual ** 2)) / (count - 2);
  return { slope, intercept, slopeError: Math.sqrt(variance / spread) };
}

/**
 * Fits a power law: least squares of log y over log x, which weights equal ratios equally.
 *
 * @throws RangeError for numbers that are not above 0, and as {@link fitLine}
 */
export function fitPowerLaw(xs: readonly number[], ys: readonly number[]): PowerLaw {
  if (![...xs, ...ys].every((value) => value > 0)) throw new RangeError('fitPowerLaw takes numbers above 0');
  const { slope, intercept, slopeError } = fitLine(xs.map(Math.log), ys.map(Math.log));
  return { exponent: slope, factor: Math.exp(intercept), exponentError: slopeError };
}
