/**
 * @file Fits: exact where the points lie on the law, and a standard error that is what repetition shows it to be.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitLine, fitPowerLaw } from '../../experiments/growth/fit.js';

const close = (got: number, expected: number, tolerance: number, what: string): void => {
  assert.ok(Math.abs(got - expected) <= tolerance, `${what}: ${got}, and should be ${expected}`);
};

test('power laws are found exactly', () => {
  const xs = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  for (const [exponent, factor] of [
    [1, 7.2],
    [0.5, 1e-3],
    [2, 1e6],
    [0, 3],
    [-1.25, 40],
  ] as const) {
    const fit = fitPowerLaw(
      xs,
      xs.map((x) => factor * x ** exponent),
    );
    close(fit.exponent, exponent, 1e-12, 'exponent');
    close(fit.factor / factor, 1, 1e-12, 'factor');
    close(fit.exponentError, 0, 1e-12, 'error');
  }
});

test('a line, its slope and the error of the slope, worked by hand', () => {
  // Means 2 and 7/3; Σ (x − x̄)² = 2; slope (−1 · −4/3 + 1 · 5/3) / 2; residuals 1/6, −1/3, 1/6, whose squares sum to 1/6.
  const { slope, intercept, slopeError } = fitLine([1, 2, 3], [1, 2, 4]);
  close(slope, 1.5, 1e-14, 'slope');
  close(intercept, -2 / 3, 1e-14, 'intercept');
  close(slopeError, Math.sqrt(1 / 6 / 2), 1e-14, 'error');
});

test('large numbers with small differences lose nothing', () => {
  const xs = [0, 1, 2, 3].map((x) => 1e9 + x);
  close(fitLine(xs, [5, 7, 9, 11]).slope, 2, 1e-9, 'slope');
});

test('the standard error is the scatter of the exponent over repetitions, and two of it hold the truth', () => {
  const random = seedrandom('fit');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const xs = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  const [truth, noise, repetitions] = [0.9, 0.1, 4000];
  const fits = Array.from({ length: repetitions }, () =>
    fitPowerLaw(
      xs,
      xs.map((x) => 5 * x ** truth * Math.exp(noise * normal())),
    ),
  );
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value) / values.length;
  const exponents = fits.map(({ exponent }) => exponent);
  const centre = mean(exponents);
  const scatter = Math.sqrt(mean(exponents.map((exponent) => (exponent - centre) ** 2)));
  close(centre, truth, 4 * (scatter / Math.sqrt(repetitions)), 'mean exponent');
  // The squares are without bias; 4,000 repetitions know the scatter to 1.1 %.
  const told = Math.sqrt(mean(fits.map(({ exponentError }) => exponentError ** 2)));
  close(told / scatter, 1, 0.05, 'standard error over scatter');
  // Of Student's t with 8 degrees of freedom, 91.9 % lie within 2.
  const within = fits.filter(({ exponent, exponentError }) => Math.abs(exponent - truth) <= 2 * exponentError).length;
  close(within / repetitions, 0.919, 0.02, 'share within two errors');
});

test('unsuitable points are refused', () => {
  assert.throws(() => fitLine([1, 2], [1, 2]), /takes at least 3 points; got 2/);
  assert.throws(() => fitLine([1, 2, 3], [1, 2]), /got 3 x and 2 y/);
  assert.throws(() => fitLine([2, 2, 2], [1, 2, 3]), /takes different x; all are 2/);
  assert.throws(() => fitLine([1, 2, 3], [1, NaN, 3]), /takes finite numbers/);
  assert.throws(() => fitPowerLaw([0, 1, 2], [1, 2, 3]), /takes numbers above 0/);
  assert.throws(() => fitPowerLaw([1, 2, 3], [1, -2, 3]), /takes numbers above 0/);
});

test.run();
