/**
 * @file The error function in float64.
 */

/**
 * The Taylor series 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) up to |x| = 3, and beyond the continued fraction of erfc by Laplace
 * (Abramowitz & Stegun 7.1.5 and 7.1.14): within 1e-12.
 */
export function erfOf(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 3)) return Math.sign(x) * (1 - erfcOf(size));
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

function erfcOf(x: number): number {
  if (x === Infinity) return 0;
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}
