/**
 * @file Estimates the distance of class shares from known ones, from a sample. The distance of the sample itself is biased
 * upwards: no sample has exactly the shares it is drawn from. So the estimate is of the shares that such a sample comes from.
 */
import { randomOf } from '../../data/randomStreams.js';
import { normal } from '../../models/layers/initialisers.js';
import { binomialQuantile, normalCdf, type NormalDraw } from '../binomial.js';

/** An estimate with its 95 % interval. The value is median-unbiased: half of the samples from such shares show more. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A distance of shares from others that are all above 0; it grows along straight lines away from them. */
export type ShareDistance = (shares: readonly number[], known: readonly number[]) => number;

/** Number of samples drawn from each candidate's shares. */
const DRAWS = 500;

/** Of the line, to find a place on it: a sample without a class tells a small share of it from none. */
const HALVINGS = 18;

/** What either end of a 95 % interval leaves out. */
const TAIL = 0.025;

/** Distances closer than this are of the same counts: they differ by rounding. */
const ROUNDING = 1e-12;

/** Σ p ln(p / q), in nats: KL(p ‖ q) (Kullback and Leibler 1951, https://doi.org/10.1214/aoms/1177729694). */
export const divergence: ShareDistance = (shares, known) => {
  const sum = shares.reduce((total, share, index) => {
    return share > 0 ? total + share * Math.log(share / known[index]!) : total;
  }, 0);
  return Math.max(0, sum);
};

/** ½ Σ |p − q|: the share that would have to change its class. */
export const totalVariation: ShareDistance = (shares, known) => {
  return shares.reduce((total, share, index) => total + Math.abs(share - known[index]!), 0) / 2;
};

/** −Σ p ln p, in nats. */
export function entropy(shares: readonly number[]): number {
  return Math.max(0, -shares.reduce((total, share) => (share > 0 ? total + share * Math.log(share) : total), 0));
}

/** counts / Σ counts. */
export function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/**
 * A distance between the shares that a sample comes from and known ones, with its 95 % interval, by inverting a test: on
 * the line from the known shares through the sample's and on to where it leads, the low end is where a sample shows as
 * much as this one in 2.5 % of draws, the value is where half of them show more, the high end is where 2.5 % show as
 * little. Chance adds least to a difference that all classes share alike, so the high end is sought on such a line too,
 * and the higher one taken. All draws come from one seed.
 *
 * @param counts of the sample, one for each class; one image at least
 * @param known shares above 0
 */
export function estimateDistance(
  distance: ShareDistance,
  counts: readonly number[],
  known: readonly number[],
): Estimate {
  const trials = counts.reduce((sum, count) => sum + count, 0);
  const shares = sharesOf(counts);
  const observed = distance(shares, known);
  const draws = normalDraws(DRAWS * counts.length);
  const apart = shares.map((share, index) => share - known[index]!);
  const even = evenly(apart, known);
  const line = lineAlong(observed > ROUNDING ? apart : even, known);
  const evenLine = lineAlong(even, known);
  const low = bisect((place) => 1 - rankOf(observed, line(place)).less > TAIL);
  const middle = bisect((place) => {
    const { less, more } = rankOf(observed, line(place));
    return more + (1 - less) > 1;
  });
  const isHigh = (from: readonly number[]): boolean => 1 - rankOf(observed, from).more <= TAIL;
  const high = bisect((place) => isHigh(line(place)));
  const evenHigh = bisect((place) => isHigh(evenLine(place)));
  const [lowest, value] = [found(line(low)), found(line(Math.max(low, middle)))];
  return { value, low: Math.min(lowest, value), high: Math.max(value, found(line(high)), found(evenLine(evenHigh))) };

  function found(from: readonly number[]): number {
    const exact = distance(from, known);
    return exact < ROUNDING ? 0 : exact;
  }

  /** Which shares of the samples drawn from `from` are nearer to the known ones than `limit`, and which are farther. */
  function rankOf(limit: number, from: readonly number[]): { less: number; more: number } {
    let [less, more] = [0, 0];
    for (let draw = 0; draw < DRAWS; draw++) {
      const sample = drawCounts(trials, from, (index) => draws[draw * counts.length + index]!);
      const found = distance(sharesOf(sample), known);
      if (found < limit - ROUNDING) less += 1;
      else if (found > limit + ROUNDING) more += 1;
    }
    return { less: less / DRAWS, more: more / DRAWS };
  }
}

/**
 * The straight line from the known shares (0) by `direction` (½ is one step) and on (1), where shares that would fall
 * below 0 stay at 0.
 */
function lineAlong(direction: readonly number[], known: readonly number[]): (place: number) => number[] {
  return (place) => {
    const steps = place / (1 - place);
    // Divided by the number of steps, so that the end of the line is a place like others.
    const scale = 1 / Math.max(1, steps);
    return sharesOf(known.map((share, index) => Math.max(0, scale * share + Math.min(1, steps) * direction[index]!)));
  };
}

/** A direction of the same signs by which each class moves in proportion to its share. */
function evenly(apart: readonly number[], known: readonly number[]): number[] {
  const total = (sign: number): number => {
    return known.reduce((sum, share, index) => (Math.sign(apart[index]!) === sign ? sum + share : sum), 0);
  };
  const [above, below] = [total(1), total(-1)];
  // A sample of exactly the known shares tells no direction; any will do, and more of the first class is one.
  if (above === 0) return known.map((share, index) => (index === 0 ? 1 : 0) - share);
  return apart.map((difference, index) => {
    const part = difference > 0 ? known[index]! / above : difference < 0 ? -known[index]! / below : 0;
    return part * below;
  });
}

/** The place on the line, 0 … 1, from which on a condition holds that holds from some place on. */
function bisect(holds: (place: number) => boolean): number {
  let [low, high] = [0, 1];
  if (holds(low)) return low;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** A multinomial sample: each class's count is binomial among what the classes before it left. */
function drawCounts(trials: number, shares: readonly number[], draw: (index: number) => NormalDraw): number[] {
  let [left, rest] = [trials, 1];
  return shares.map((share, index) => {
    const part = rest > share ? share / rest : 1;
    const count = index === shares.length - 1 ? left : binomialQuantile(left, Math.min(1, part), draw(index));
    left -= count;
    rest -= share;
    return count;
  });
}

function normalDraws(count: number): NormalDraw[] {
  const values = normal(1)([count], randomOf('shares'));
  return Array.from(values, (value) => ({ value, below: normalCdf(value) }));
}
