/**
 * @file Tests the stability of fixed z and the path length on made-up classifier outputs.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawPathSteps, pathLength } from '../../../src/evaluation/latent/pathLength.js';
import { featureUnit, fixedZStability } from '../../../src/evaluation/latent/fixedZStability.js';
import { seededNormal } from '../../support/random.js';
import { readingOf } from '../classifierOutputs.js';

const close = (actual: number, expected: number, tolerance: number, what: string): void => {
  const error = Math.abs(actual - expected);
  assert.ok(error <= tolerance * Math.abs(expected), `${what}: got ${actual}, expected ${expected}`);
};

test('the unit is the mean distance of two images: of Gaussians 2 Γ((k + 1) / 2) / Γ(k / 2)', () => {
  const features = seededNormal('unit', 1000 * 2);
  const real = readingOf(new Array<number>(1000).fill(1), undefined, features);
  // k = 2: 2 Γ(3/2) / Γ(1) = √π.
  close(featureUnit(real, 'a'), Math.sqrt(Math.PI), 0.04, 'unit');
  assert.is(featureUnit(real, 'a'), featureUnit(real, 'a'));
  assert.is.not(featureUnit(real, 'a'), featureUnit(real, 'b'));
});

test('labels that changed, and how far features moved', () => {
  const before = readingOf([0, 1, 2, 3], undefined, [0, 0, 1, 1, 2, 2, 3, 3]);
  const now = readingOf([0, 1, 7, 8], undefined, [3, 4, 1, 1, 2, 2, 3, 8]);
  assert.equal(fixedZStability(before, now, 2), { switched: 0.5, displacement: (5 + 5) / 4 / 2 });
  assert.equal(fixedZStability(now, now, 2), { switched: 0, displacement: 0 });
});

test('z of unrelated images have moved by about 1', () => {
  const draw = (seed: string) => readingOf(new Array<number>(2000).fill(0), undefined, seededNormal(seed, 2000 * 8));
  close(fixedZStability(draw('x'), draw('y'), featureUnit(draw('z'), 'a')).displacement, 1, 0.05, 'displacement');
});

test('a step begins at N(0, I), ends at N(0, I), and moves each number by π / 2 of its part of the walk', () => {
  for (const zDim of [1, 10, 100]) {
    const { from, to } = drawPathSteps(20_000 / zDim, zDim, 'path', 0.01);
    for (const values of [from, to]) {
      close(values.reduce((sum, value) => sum + value ** 2, 0) / values.length, 1, 0.05, `zDim ${zDim}`);
    }
    const moved = from.reduce((sum, value, index) => sum + (to[index]! - value) ** 2, 0) / from.length;
    close(Math.sqrt(moved), (Math.PI / 2) * 0.01, 0.03, 'step');
  }
});

test('linear features A z: the speed is (π / 2)² ‖A‖²', () => {
  const [count, zDim, size] = [4000, 3, 5];
  const matrix = seededNormal('matrix', zDim * size);
  const { from, to } = drawPathSteps(count, zDim, 'linear');
  const featuresOf = (z: Float32Array): Float64Array => {
    return Float64Array.from({ length: count * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size), at % size];
      let sum = 0;
      for (let k = 0; k < zDim; k++) sum += z[row * zDim + k]! * matrix[k * size + column]!;
      return sum;
    });
  };
  const read = (z: Float32Array) => readingOf(new Array<number>(count).fill(0), undefined, featuresOf(z));
  const norm = matrix.reduce((sum, value) => sum + value ** 2, 0);
  close(pathLength(read(from), read(to), 2), ((Math.PI / 2) ** 2 * norm) / 4, 0.05, 'path length');
  assert.is(pathLength(read(from), read(from), 2), 0);
});

test('refuses what it cannot use, saying what', () => {
  const [two, three] = [readingOf([1, 2]), readingOf([1, 2, 3])];
  assert.throws(
    () => fixedZStability(two, three, 1),
    /fixedZStability: got features of 2 × 1 and 3 × 1; it takes the same z twice/,
  );
  assert.throws(() => fixedZStability(two, two, 0), /fixedZStability: got a unit of 0/);
  assert.throws(() => pathLength(two, two, NaN), /pathLength: got a unit of NaN/);
  const nan = { ...two, features: Float32Array.of(0, NaN) };
  assert.throws(() => fixedZStability(two, nan, 1), /fixedZStability: image 1 has a feature of NaN/);
  assert.throws(() => featureUnit(readingOf([1]), 'a'), /featureUnit: got 1 images; it takes 2 at least/);
  assert.throws(() => featureUnit(two, 'a'), /all real images have the same features/);
});

test.run();
