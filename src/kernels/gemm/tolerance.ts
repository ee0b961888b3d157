/**
 * @file How far a product in float32 may lie from its float64 definition, derived and not fitted.
 *
 * Each of the `depth` multiply-adds rounds twice where it is not fused, by at most u = 2⁻²⁴ of a partial sum, which is at
 * most Σ|a||b|. Rounding errors being independent with mean zero, they add up to less than λ √(2 · depth) u Σ|a||b| with
 * probability at least 1 − 4 · depth · exp(−λ²/2) (Higham and Mary 2019, A New Approach to Probabilistic Rounding Error
 * Analysis, https://doi.org/10.1137/18M1226312, theorem 2.4 to first order), whatever the order of the sum. With λ = 6 that is
 * one element in 10⁴ at a depth of 1,600, were the bound reached; in practice errors stay far below it.
 */
import type { GemmProblem } from './problem.js';

const UNIT_ROUNDOFF = 2 ** -24;
const LAMBDA = 6;

/** The bound above, for one element. @param magnitude Σ|a||b| */
export function roundingBound(depth: number, magnitude: number): number {
  return LAMBDA * Math.sqrt(2 * depth) * UNIT_ROUNDOFF * magnitude;
}

/** Compares elements of a product with their definition. The factors' absolute values are taken once for all of them. */
export class ProductCheck {
  private readonly absoluteA: Float32Array;
  private readonly absoluteB: Float32Array;

  constructor(
    private readonly problem: GemmProblem,
    private readonly a: Float32Array,
    private readonly b: Float32Array,
  ) {
    this.absoluteA = a.map(Math.abs);
    this.absoluteB = b.map(Math.abs);
  }

  /** Whether `value` may be the element; NaN may not. */
  allows(index: number, value: number): boolean {
    const { problem, a, b, absoluteA, absoluteB } = this;
    const depth = Math.max(1, problem.multiplyAdds / problem.outputCount);
    const bound = roundingBound(depth, problem.element(absoluteA, absoluteB, index));
    return Math.abs(value - problem.element(a, b, index)) <= bound;
  }
}
