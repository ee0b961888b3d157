/**
 * @file Spearman's rank correlation: published examples, and the definition by brute force on random series with ties.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rankCorrelation, ranksOf } from '../../../src/evaluation/dynamics/rankCorrelation.js';

function isNear(found: number | null, expected: number): void {
  assert.ok(found !== null && Math.abs(found - expected) < 1e-12, `${found ?? 'null'}, expected ${expected}`);
}

test('published examples', () => {
  // Wikipedia's intelligence quotient against hours of television: 1 − 6 · 194 / 990.
  const quotients = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
  isNear(rankCorrelation(quotients, [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]), -29 / 165);
  // Hollander and Wolfe's tuna, an example of R's cor.test: S = 48.
  const lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1];
  isNear(rankCorrelation(lightness, [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]), 0.6);
  // SciPy's example of spearmanr, with a tie.
  isNear(rankCorrelation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]), 0.8207826816681233);
});

/** A value's rank is 1 and the values below it, and half of those equal to it besides itself. */
function ranksByCounting(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 1 + below + (equal - 1) / 2;
  });
}

function pearson(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [one.map((value) => value - mean(one)), other.map((value) => value - mean(other))];
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test('as by brute force, on series with and without ties', () => {
  const random = seedrandom('series');
  for (let trial = 0; trial < 300; trial++) {
    const length = 4 + Math.floor(random() * 30);
    const kinds = trial % 2 === 0 ? 4 : 1e9;
    const series = (): number[] => Array.from({ length }, () => Math.floor(random() * kinds) - kinds / 2);
    const [one, other] = [series(), series()];
    assert.equal(ranksOf(one), ranksByCounting(one));
    if (new Set(one).size === 1 || new Set(other).size === 1) continue;
    isNear(rankCorrelation(one, other), pearson(ranksByCounting(one), ranksByCounting(other)));
    if (kinds < 10) continue;
    // Without ties there is a formula.
    const ranks = ranksOf(other);
    const squares = ranksOf(one).reduce((sum, rank, i) => sum + (rank - ranks[i]!) ** 2, 0);
    isNear(rankCorrelation(one, other), 1 - (6 * squares) / (length * (length ** 2 - 1)));
  }
});

test('only the order counts, and the ends are exact', () => {
  const values = [3, 1, 4, 1.5, 9, 2.6];
  const bent = values.map((value) => Math.exp(value) - 7);
  assert.is(rankCorrelation(values, bent), 1);
  assert.is(
    rankCorrelation(
      values,
      bent.map((value) => -value),
    ),
    -1,
  );
  assert.is(rankCorrelation([-Infinity, 0, 1, Infinity], [1, 2, 3, 4]), 1);
});

test('null where there is nothing to say, and refusals', () => {
  assert.is(rankCorrelation([], []), null);
  assert.is(rankCorrelation([1, 2, 3], [1, 2, 3]), null);
  assert.is(rankCorrelation([1, 1, 1, 1], [1, 2, 3, 4]), null);
  assert.throws(() => rankCorrelation([1, 2, 3, 4], [1]), /got 4 values and 1/);
  assert.throws(() => rankCorrelation([1, NaN, 3, 4], [1, 2, 3, 4]), /NaN has no rank/);
});

test.run();
