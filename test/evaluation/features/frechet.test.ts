/**
 * @file The Fréchet distance of Gaussians in closed form, and moments against float64.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { frechetDistance, moments, type Moments } from '../../../src/evaluation/features/frechet.js';
import { assertClose } from '../../reference/compare.js';
import * as reference from '../../reference/pairs.js';
import { openTestDevice } from '../../support/device.js';
import { mapPoints, normalPoints, pick, rows64, shuffled } from '../../support/points.js';
import { seededNormal } from '../../support/random.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

type Matrix = readonly (readonly number[])[];

function gaussian(mean: readonly number[], covariance: Matrix): Moments {
  return { count: 1000, mean: Float64Array.from(mean), covariance: Float64Array.from(covariance.flat()) };
}

function diagonal(values: readonly number[]): Matrix {
  return values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

function transposed(a: Matrix): Matrix {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

/** Orthogonal: a product of reflections at seeded vectors. */
function rotation(seed: string, size: number): Matrix {
  let turned: Matrix = diagonal(Array.from({ length: size }, () => 1));
  for (let i = 0; i < 3; i++) {
    const v = [...seededNormal(`${seed} ${i}`, size)];
    const square = reference.dot(v, v);
    const mirror = v.map((x, row) => v.map((y, column) => (row === column ? 1 : 0) - (2 * x * y) / square));
    turned = multiply(turned, mirror);
  }
  return turned;
}

function close(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, expected), `got ${actual}, expected ${expected}`);
}

/** Of independent directions: Σ (μ₁ − μ₂)² + (σ₁ − σ₂)². */
function ofDirections(means: Matrix, variances: Matrix): number {
  const roots = variances.map((row) => row.map(Math.sqrt));
  return [means, roots].reduce((sum, [a, b]) => sum + reference.squaredDistance(a!, b!), 0);
}

const MEANS = [
  [1, 2, 0, -1, 3],
  [0, 2, 5, -1, 2.5],
];
const VARIANCES = [
  [4, 1, 0, 0, 9],
  [1, 1, 4, 0, 0.01],
];

test('independent directions, some without variance', () => {
  const [a, b] = [0, 1].map((i) => gaussian(MEANS[i]!, diagonal(VARIANCES[i]!)));
  close(frechetDistance(a!, b!), ofDirections(MEANS, VARIANCES));
  close(frechetDistance(b!, a!), ofDirections(MEANS, VARIANCES));
});

test('turned together, Gaussians are as far apart as before', () => {
  const turn = rotation('turn', 5);
  const [a, b] = [0, 1].map((i) => {
    const mean = multiply(turn, transposed([MEANS[i]!])).flat();
    return gaussian(mean, multiply(multiply(turn, diagonal(VARIANCES[i]!)), transposed(turn)));
  });
  // A variance of 0 comes out of the turn as 1e-16 or so, and its root, 1e-8, meets a variance of the other.
  close(frechetDistance(a!, b!), ofDirections(MEANS, VARIANCES), 1e-7);
});

test('two dimensions that do not commute: the trace of the root is √(tr AB + 2 √det AB)', () => {
  const [a, b] = [
    [
      [2, 0.5],
      [0.5, 1],
    ],
    [
      [1, -0.9],
      [-0.9, 3],
    ],
  ] as const;
  const product = multiply(a, b);
  const traceOf = (m: Matrix): number => m[0]![0]! + m[1]![1]!;
  const determinant = product[0]![0]! * product[1]![1]! - product[0]![1]! * product[1]![0]!;
  const common = Math.sqrt(traceOf(product) + 2 * Math.sqrt(determinant));
  const expected = 9 + traceOf(a) + traceOf(b) - 2 * common;
  close(frechetDistance(gaussian([0, 0], a), gaussian([3, 0], b)), expected);
});

test('directions without variance: one line against another at a right angle', () => {
  // N(0, 4) along x and N(0, 9) along y have nothing in common: 4 + 9 − 0.
  close(frechetDistance(gaussian([0, 0], diagonal([4, 0])), gaussian([0, 0], diagonal([0, 9]))), 13);
  close(frechetDistance(gaussian([0, 0], diagonal([0, 0])), gaussian([1, 0], diagonal([0, 0]))), 1);
});

test('moments agree with float64, at odd sizes and far from 0', async () => {
  for (const [count, size, center] of [
    [2, 1, 0],
    [7, 3, 1000],
    [1031, 5, 30],
    [2049, 16, -3],
  ] as const) {
    const features = mapPoints(normalPoints(`moments ${count}`, count, size), (value, place) => value + center + place);
    const { mean, covariance } = await moments(engine, features);
    const rows = rows64(features);
    assertClose(mean, reference.mean(rows), 1e-12, `mean of ${count}`);
    // The centred rows are rounded by 2⁻²⁴, and 1024 of their products are added in float32.
    assertClose(covariance, reference.covariance(rows), 1e-5, `covariance of ${count}`);
  }
});

test('a set is 0 from itself, whatever it lacks, and hardly further from it in another order', async () => {
  for (const [count, size] of [
    [1500, 16],
    [40, 128],
    [2, 3],
  ] as const) {
    // As after a ReLU, with dead units.
    const features = mapPoints(normalPoints(`itself ${count}`, count, size), (value, place) => {
      return place % 3 === 0 ? 0 : Math.max(0, value);
    });
    const own = await moments(engine, features);
    const distance = frechetDistance(own, await moments(engine, features));
    assert.ok(distance >= 0 && distance < 1e-10 * size, `${distance}`);
    const other = frechetDistance(own, await moments(engine, shuffled(features, 'order')));
    assert.ok(other >= 0 && other < 1e-5 * size, `${other}`);
  }
});

test('two samples of one Gaussian are near; one that is moved is its move squared away', async () => {
  const a = await moments(engine, normalPoints('near a', 4000, 8));
  const b = await moments(engine, normalPoints('near b', 4000, 8));
  const moved = await moments(
    engine,
    mapPoints(normalPoints('near b', 4000, 8), (value, place) => value + (place === 2 ? 3 : 0)),
  );
  const [near, far] = [frechetDistance(a, b), frechetDistance(a, moved)];
  assert.ok(near < 0.05, `${near}`);
  // The difference of the means has a spread of √(2 / 4000), and is squared.
  assert.ok(Math.abs(far - 9) < 4 * 6 * Math.sqrt(2 / 4000), `${far}`);
});

test('the fewer modes are left, the further it is', async () => {
  const all = mapPoints(normalPoints('modes', 1000, 12), (value, place, row) => value + (place === row % 10 ? 9 : 0));
  const whole = await moments(engine, all);
  let last = 0;
  for (const kept of [9, 6, 3, 1]) {
    const rows = Array.from({ length: 1000 }, (_, row) => row).filter((row) => row % 10 < kept);
    const distance = frechetDistance(whole, await moments(engine, pick(all, rows)));
    assert.ok(distance > last, `${distance} for ${kept} after ${last}`);
    last = distance;
  }
});

test('refuses what it cannot compare, by name', async () => {
  const good = normalPoints('good', 10, 4);
  await refused(() => moments(engine, normalPoints('one', 1, 4)), /moments: got 1 features; it takes 2 at least/);
  const broken = mapPoints(good, (value, place, row) => (row === 3 && place === 1 ? NaN : value));
  await refused(() => moments(engine, broken), /moments: row 3 of the features holds NaN/);
  assert.throws(
    () => frechetDistance(gaussian([0], [[1]]), gaussian([0, 0], diagonal([1, 1]))),
    /frechetDistance: got moments of 1 and of 2 features/,
  );
});

test.run();
