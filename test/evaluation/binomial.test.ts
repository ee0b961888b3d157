import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialQuantile, binomialTail, normalCdf } from '../../src/evaluation/binomial.js';

/** P(X = k) by the product of its factors. */
function mass(trials: number, share: number, count: number): number {
  let value = (1 - share) ** (trials - count);
  for (let k = 1; k <= count; k++) value *= ((trials - count + k) / k) * share;
  return value;
}

test('the tail is the sum of the masses', () => {
  for (const [trials, share] of [
    [10, 0.3],
    [200, 0.01],
    [50, 0.9],
  ] as const) {
    for (const least of [0, 1, 3, 9, trials]) {
      let expected = 0;
      for (let count = least; count <= trials; count++) expected += mass(trials, share, count);
      const got = binomialTail(trials, share, least);
      assert.ok(Math.abs(got - expected) < 1e-12, `${trials} ${share} ${least}: ${got}, expected ${expected}`);
    }
  }
  assert.ok(Math.abs(binomialTail(60_000, 0.01, 600) - 0.5) < 0.02);
  assert.is(binomialTail(5, 0.5, 6), 0);
});

test('Φ at the quantiles of every table', () => {
  for (const [x, expected] of [
    [0, 0.5],
    [1, 0.8413447461],
    [-1, 0.1586552539],
    [1.959963985, 0.975],
    [-3.090232306, 0.001],
  ] as const) {
    assert.ok(Math.abs(normalCdf(x) - expected) < 1e-7, `Φ(${x}) = ${normalCdf(x)}`);
  }
});

test('a quantile is the first count that has as much below or at it', () => {
  for (const [trials, share] of [
    [20, 0.2],
    [100, 0.7],
    [1000, 0.004],
    [1000, 0.3],
    [10_000, 0.1],
  ] as const) {
    for (const value of [-2.2, -1, 0.1, 0.7, 1.9]) {
      const below = normalCdf(value);
      const count = binomialQuantile(trials, share, { value, below });
      const upTo = 1 - binomialTail(trials, share, count + 1);
      const before = 1 - binomialTail(trials, share, count);
      // The smooth curve may be off by one count.
      const slack = trials * share * (1 - share) > 25 ? upTo - before : 1e-6;
      assert.ok(upTo >= below - slack && before <= below + slack, `${trials} ${share} ${value}: ${count}`);
    }
  }
});

test.run();
