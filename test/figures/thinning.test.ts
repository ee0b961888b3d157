import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binCurve, binWidth, MOST_POINTS } from '../../src/figures/thinning.js';

test('bins hold means and quantiles of their finite values', () => {
  const values = [4, 1, 3, 2, 5, NaN, 7, Infinity, 9, 10];
  const points = binCurve([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], values, 5);
  // By hand: the quantiles lie 5 % of the way from the first to the last of the sorted values, and 95 %.
  assert.equal(
    points.map(({ iteration, mean }) => [iteration, mean]),
    [
      [3, 15 / 5],
      [8, 26 / 3],
    ],
  );
  near(points[0]!.low, 1.2);
  near(points[0]!.high, 4.8);
  near(points[1]!.low, 7 + 0.1 * 2);
  near(points[1]!.high, 9.9);
});

test('a bin without iterations is left out, one without finite values is a gap', () => {
  const gap = { iteration: 21.5, mean: null, low: null, high: null };
  const point = { iteration: 1, mean: 8, low: 8, high: 8 };
  assert.equal(binCurve([1, 21, 22, 39], [8, NaN, -Infinity, 8], 10), [point, gap, { ...point, iteration: 39 }]);
  assert.equal(binCurve([], [], 10), []);
});

test('bins begin after multiples of their width, wherever the curve begins', () => {
  const points = binCurve([8, 9, 10, 11, 12], [0, 0, 3, 10, 20], 10);
  assert.equal(
    points.map(({ iteration, mean }) => [iteration, mean]),
    [
      [9, 1],
      [11.5, 15],
    ],
  );
});

test('the width is the smallest round one that leaves few enough points', () => {
  assert.is(binWidth(1, 1), 1);
  assert.is(binWidth(1, MOST_POINTS), 1);
  assert.is(binWidth(1, MOST_POINTS + 1), 2);
  assert.is(binWidth(1, 3000), 20);
  assert.is(binWidth(1, 99_000), 500);
  assert.is(binWidth(98_001, 99_000), 5, 'of the tail of a training');
});

function near(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual ?? 'null'} is not ${expected}`);
}

test.run();
