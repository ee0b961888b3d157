/**
 * @file Initial values: within Glorot's limit and spread over it, the normal's moments, and the same from the same seed.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, glorotUniform, normal, unitVector } from '../../../src/models/layers/initialisers.js';

/** Mean and standard deviation. */
function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

for (const [what, shape, limit] of [
  ['a dense layer', [100, 1024], Math.sqrt(6 / (100 + 1024))],
  // Keras: the receptive field of 25 counts in the fan-in and in the fan-out.
  ['a convolution', [5, 5, 64, 128], Math.sqrt(6 / (25 * 64 + 25 * 128))],
  ['one column', [3200, 1], Math.sqrt(6 / 3201)],
] as const) {
  test(`glorotUniform on ${what}: uniform within √(6 / (fanIn + fanOut))`, () => {
    const values = glorotUniform(shape, seedrandom('glorot'));
    const count = shape.reduce((product: number, length) => product * length, 1);
    assert.is(values.length, count);
    const extreme = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(extreme <= Math.fround(limit), `${extreme} within ${limit}`);
    // All n values fall short of 0.99 of the limit with probability 0.99ⁿ: e⁻³² at 3200 values.
    assert.ok(extreme > 0.99 * limit, `${extreme} reaches ${limit}`);
    const { mean, deviation } = moments(values);
    // The mean's standard error is l / √(3n), the deviation's is l / √(15n): five of each.
    assert.ok(Math.abs(mean) < (5 * limit) / Math.sqrt(3 * count), `mean ${mean}`);
    assert.ok(Math.abs(deviation - limit / Math.sqrt(3)) < (5 * limit) / Math.sqrt(15 * count), `σ ${deviation}`);
  });
}

test('normal: mean, deviation, tails', () => {
  const count = 200_000;
  const values = normal(0.02)([count / 8, 8], seedrandom('normal'));
  assert.is(values.length, count);
  assert.ok(values.every(Number.isFinite));
  const { mean, deviation } = moments(values);
  assert.ok(Math.abs(mean) < (5 * 0.02) / Math.sqrt(count), `mean ${mean}`);
  assert.ok(Math.abs(deviation - 0.02) < (5 * 0.02) / Math.sqrt(2 * count), `σ ${deviation}`);
  const beyond = (sigmas: number): number => values.filter((value) => Math.abs(value) > sigmas * 0.02).length / count;
  // 31.73 %, 4.55 % and 0.27 % of a normal distribution, each with five standard errors.
  for (const [sigmas, share] of [
    [1, 0.3173],
    [2, 0.0455],
    [3, 0.0027],
  ] as const) {
    const allowed = 5 * Math.sqrt((share * (1 - share)) / count);
    assert.ok(Math.abs(beyond(sigmas) - share) < allowed, `${beyond(sigmas)} beyond ${sigmas} σ`);
  }
});

test('normal stays finite where the uniform number is 0', () => {
  assert.ok(normal(1)([4], () => 0).every(Number.isFinite));
});

test('the same seed gives the same values, another seed others', () => {
  for (const initialiser of [glorotUniform, normal(0.02)]) {
    const drawn = (seed: string): Float32Array => initialiser([7, 11], seedrandom(seed));
    assert.equal(drawn('a'), drawn('a'));
    assert.not.equal(drawn('a'), drawn('b'));
  }
});

test('unitVector: of length 1, in a direction that favours none', () => {
  const random = seedrandom('directions');
  const vectors = Array.from({ length: 4000 }, () => unitVector([3], random));
  for (const vector of vectors) assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
  for (const axis of [0, 1, 2]) {
    // On a sphere a coordinate is uniform on [−1, 1]: five deviations of the mean of 4,000 are 0.046, of its square's 0.024.
    const mean = vectors.reduce((sum, vector) => sum + vector[axis]!, 0) / vectors.length;
    const square = vectors.reduce((sum, vector) => sum + vector[axis]! ** 2, 0) / vectors.length;
    assert.ok(Math.abs(mean) < 0.046 && Math.abs(square - 1 / 3) < 0.024, `axis ${axis}: ${mean}, ${square}`);
  }
  assert.equal(Math.abs(unitVector([1], random)[0]!), 1);
});

test('constant fills', () => {
  assert.equal(
    constant(0.5)([2, 2], () => 0),
    new Float32Array(4).fill(0.5),
  );
});

test.run();
