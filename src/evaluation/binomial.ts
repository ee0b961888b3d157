/**
 * @file Computes tails and quantiles of the binomial distribution.
 */

/** From this variance on the normal curve with a correction for skewness is off by less than half a count. */
const SMOOTH_VARIANCE = 25;

/** Computes P(X ≥ least) of X ~ Binomial(trials, share) from the sum over the smaller counts. */
export function binomialTail(trials: number, share: number, least: number): number {
  if (least > trials) return 0;
  // In logarithms: with many trials the first terms underflow.
  let term = trials * Math.log1p(-share);
  let below = 0;
  for (let count = 0; count < least; count++) {
    below += Math.exp(term);
    term += Math.log(((trials - count) / (count + 1)) * (share / (1 - share)));
  }
  return Math.max(0, 1 - below);
}

/** Φ(x) of the standard normal distribution, off by less than 1e-7: Abramowitz and Stegun 1964, 26.2.17. */
export function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - tail : tail;
}

/** A draw from N(0, 1), with Φ of it. */
export interface NormalDraw {
  readonly value: number;
  readonly below: number;
}

/**
 * Maps a normal draw to the count of Binomial(trials, share) at the same quantile. One draw used for several shares gives
 * counts that move together. Small counts are exact; large ones use the normal curve with a correction for skewness (Cornish
 * and Fisher 1938, https://doi.org/10.2307/1400905).
 */
export function binomialQuantile(trials: number, share: number, { value, below }: NormalDraw): number {
  if (share > 0.5) return trials - binomialQuantile(trials, 1 - share, { value: -value, below: 1 - below });
  const variance = trials * share * (1 - share);
  if (variance > SMOOTH_VARIANCE) {
    const count = trials * share + Math.sqrt(variance) * value + ((1 - 2 * share) * (value * value - 1)) / 6;
    return Math.min(trials, Math.max(0, Math.round(count)));
  }
  let term = Math.exp(trials * Math.log1p(-share));
  let sum = term;
  let count = 0;
  while (sum < below && count < trials) {
    count += 1;
    term *= ((trials - count + 1) / count) * (share / (1 - share));
    sum += term;
  }
  return count;
}
