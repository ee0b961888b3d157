/**
 * @file How far values are from what they should be.
 */

export interface Comparison {
  /** max |actual − expected| */
  readonly maxAbsolute: number;
  /**
   * maxAbsolute by the scale of the whole array, max |expected|. Not value by value: a sum that cancels to nearly zero has a
   * large error relative to itself, and none that matters beside its neighbours. Where all expected values are zero it is 0
   * or infinity: look at maxAbsolute there.
   */
  readonly maxRelativeToScale: number;
  /** Where the largest difference is; 0 where there is none. */
  readonly worstIndex: number;
}

/** A NaN on either side, or an infinity on one, counts as an infinite difference. */
export function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): Comparison {
  if (actual.length !== expected.length)
    throw new Error(`compare: got ${actual.length} values; ${expected.length} were expected`);
  let [maxAbsolute, scale, worstIndex] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [actual[i]!, expected[i]!];
    const difference = value === wanted ? 0 : Math.abs(value - wanted);
    const size = Number.isNaN(difference) ? Infinity : difference;
    if (size > maxAbsolute) [maxAbsolute, worstIndex] = [size, i];
    if (Number.isFinite(wanted)) scale = Math.max(scale, Math.abs(wanted));
  }
  return { maxAbsolute, maxRelativeToScale: maxAbsolute === 0 ? 0 : maxAbsolute / scale, worstIndex };
}

/**
 * Throws where `actual` is off by more than `tolerance` times the scale of `expected`.
 *
 * @param what names the case in the error: the op, its shapes, the seed
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const { maxAbsolute, maxRelativeToScale, worstIndex } = compare(actual, expected);
  if (maxRelativeToScale <= tolerance) return;
  throw new Error(
    `${what}: off by ${maxAbsolute.toExponential(2)}, ${maxRelativeToScale.toExponential(2)} of the scale (allowed ` +
      `${tolerance.toExponential(0)}), at ${worstIndex}: ${actual[worstIndex]}, expected ${expected[worstIndex]}`,
  );
}
