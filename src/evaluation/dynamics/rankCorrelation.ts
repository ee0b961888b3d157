/**
 * @file Computes Spearman's rank correlation of two series.
 */

/** With fewer pairs a correlation says nothing: three random pairs have the same order with probability 1 / 6. */
export const LEAST_PAIRS = 4;

/**
 * Spearman 1904: the correlation of Pearson between the ranks, equal values having the mean of theirs.
 *
 * @returns −1 … 1; null for fewer than {@link LEAST_PAIRS}, and where one series is the same throughout
 * @throws RangeError for series of different lengths, or a value that is NaN, which has no rank
 */
export function rankCorrelation(one: readonly number[], other: readonly number[]): number | null {
  if (one.length !== other.length) {
    throw new RangeError(`rankCorrelation: got ${one.length} values and ${other.length}; it takes as many of each`);
  }
  if (one.length < LEAST_PAIRS) return null;
  const [ranks, others] = [ranksOf(one), ranksOf(other)];
  // With ties as well, the mean of all ranks is that of 1 … n.
  const mean = (one.length + 1) / 2;
  const products = (a: readonly number[], b: readonly number[]): number => {
    return a.reduce((sum, rank, index) => sum + (rank - mean) * (b[index]! - mean), 0);
  };
  const spread = Math.sqrt(products(ranks, ranks) * products(others, others));
  return spread === 0 ? null : Math.min(1, Math.max(-1, products(ranks, others) / spread));
}

/** The places of values in ascending order, from 1; equal ones share the mean of their places. */
export function ranksOf(values: readonly number[]): number[] {
  if (values.some(Number.isNaN)) throw new RangeError('ranksOf: NaN has no rank');
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (const index of order.slice(first, end)) ranks[index] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}
