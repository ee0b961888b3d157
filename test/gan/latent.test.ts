/**
 * @file Points and walks in the latent space: ends, angles, lengths, and the ends between which no circle is drawn.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawZ, linearWalk, sphericalWalk, type Walk } from '../../src/gan/latent.js';
import { seededNormal } from '../support/random.js';

const WALKS: Readonly<Record<string, Walk>> = { linear: linearWalk, spherical: sphericalWalk };

const EPSILON = 2 ** -23;

const points = (flat: Float32Array, dimension: number): Float32Array[] => {
  return Array.from({ length: flat.length / dimension }, (_, step) => {
    return flat.subarray(step * dimension, (step + 1) * dimension);
  });
};

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const norm = (a: Float32Array): number => Math.sqrt(dot(a, a));

/** By the arctangent, which is exact near 0 and π, where the arccosine is not. */
const angleBetween = (a: Float32Array, b: Float32Array): number => {
  const [unitA, unitB] = [a.map((value) => value / norm(a)), b.map((value) => value / norm(b))];
  return 2 * Math.atan2(norm(unitA.map((value, at) => value - unitB[at]!)), norm(unitA.map((v, at) => v + unitB[at]!)));
};

function assertClose(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected} ± ${tolerance}`);
}

const vector = (seed: string, dimension: number): Float32Array => Float32Array.from(seededNormal(seed, dimension));

for (const [name, walk] of Object.entries(WALKS)) {
  test(`${name}: both ends are exact, and a walk of one step is the first end`, () => {
    for (const dimension of [1, 2, 3, 100, 512]) {
      const [from, to] = [vector(`from ${dimension}`, dimension), vector(`to ${dimension}`, dimension)];
      for (const steps of [2, 3, 11]) {
        const found = points(walk(from, to, steps), dimension);
        assert.is(found.length, steps);
        assert.equal(found[0], from, `dimension ${dimension}, ${steps} steps`);
        assert.equal(found.at(-1), to, `dimension ${dimension}, ${steps} steps`);
      }
      assert.equal(walk(from, to, 1), from);
    }
  });

  test(`${name}: the walk back is the reversed walk`, () => {
    const [from, to] = [vector('there', 20), vector('back', 20)];
    const [there, back] = [points(walk(from, to, 7), 20), points(walk(to, from, 7), 20).reverse()];
    there.forEach((point, step) => {
      point.forEach((value, at) => assertClose(value, back[step]![at]!, 4 * EPSILON, `step ${step}`));
    });
  });

  test(`${name}: from a point to itself it stays at the point`, () => {
    const z = vector('itself', 9);
    for (const point of points(walk(z, z, 5), 9)) assert.equal(point, z);
  });
}

test('linear: the steps lie evenly on the straight line', () => {
  const found = linearWalk(Float32Array.of(0, 4), Float32Array.of(8, -4), 5);
  assert.equal([...found], [0, 4, 2, 2, 4, 0, 6, -2, 8, -4]);
});

test('spherical: a quarter of the unit circle, in thirds', () => {
  const found = sphericalWalk(Float32Array.of(1, 0), Float32Array.of(0, 1), 4);
  const expected = [1, 0, Math.cos(Math.PI / 6), 0.5, 0.5, Math.sin(Math.PI / 3), 0, 1];
  expected.forEach((value, at) => assertClose(found[at]!, value, EPSILON, `number ${at}`));
});

for (const dimension of [2, 3, 100, 512]) {
  test(`spherical: constant angular speed, and a length that goes evenly from one end’s to the other’s, z ${dimension}`, () => {
    const from = vector(`a ${dimension}`, dimension);
    const to = vector(`b ${dimension}`, dimension).map((value) => 3 * value);
    const found = points(sphericalWalk(from, to, 9), dimension);
    const whole = angleBetween(from, to);
    found.forEach((point, step) => {
      const share = step / 8;
      assertClose(angleBetween(from, point), share * whole, 1e-6, `angle of step ${step}`);
      assertClose(norm(point) / ((1 - share) * norm(from) + share * norm(to)), 1, 1e-6, `length of step ${step}`);
    });
  });
}

test('spherical: the middle of two normal points is as far out as they are, that of the straight line is not', () => {
  const [from, to] = [vector('one', 512), vector('other', 512)];
  const middle = (walk: Walk): number => norm(points(walk(from, to, 3), 512)[1]!) / norm(from);
  assertClose(middle(sphericalWalk), 1, 0.1, 'on the sphere');
  assertClose(middle(linearWalk), Math.SQRT1_2, 0.1, 'within the ball');
});

for (const [what, from, to] of [
  ['of one dimension, the same sign', [1.5], [3]],
  ['of one dimension, other signs', [1.5], [-3]],
  ['that point the same way', [1, 2, -2], [2, 4, -4]],
  ['that point opposite ways', [1, 2, -2], [-3, -6, 6]],
  ['of which one is zero', [0, 0, 0], [1, 2, -2]],
  ['of which the other is zero', [1, 2, -2], [0, 0, 0]],
  ['that are both zero', [0, 0], [0, 0]],
] as const) {
  test(`spherical: ends ${what} are joined by the straight line`, () => {
    const [a, b] = [Float32Array.from(from), Float32Array.from(to)];
    const found = sphericalWalk(a, b, 6);
    assert.ok(found.every(Number.isFinite));
    assert.equal(found, linearWalk(a, b, 6));
  });
}

test('spherical: nearly equal and nearly opposite ends give finite walks of the right angles and lengths', () => {
  for (const turn of [1e-7, 1e-5, 1e-3, Math.PI - 1e-3, Math.PI - 1e-5]) {
    const [from, to] = [Float32Array.of(1, 0), Float32Array.of(Math.cos(turn), Math.sin(turn))];
    for (const [step, point] of points(sphericalWalk(from, to, 5), 2).entries()) {
      assertClose(norm(point), 1, 1e-5, `turn ${turn}, step ${step}`);
      assertClose(angleBetween(from, point), (step / 4) * turn, 1e-4, `turn ${turn}, step ${step}`);
    }
  }
});

test('spherical: very large and very small ends give finite walks', () => {
  for (const size of [1e30, 1e-30]) {
    const found = sphericalWalk(Float32Array.of(size, 0), Float32Array.of(0, size), 3);
    assertClose(found[2]! / size, Math.SQRT1_2, 1e-6, `size ${size}`);
  }
});

test('a larger count of z begins with the z of a smaller one', () => {
  for (const zDim of [1, 3, 100]) {
    const many = drawZ(20, zDim, 'prefix');
    assert.is(many.length, 20 * zDim);
    for (const count of [1, 2, 7]) assert.equal(drawZ(count, zDim, 'prefix'), many.subarray(0, count * zDim));
  }
  assert.is(drawZ(0, 5, 'prefix').length, 0);
});

test('a seed gives the same z, another seed gives others', () => {
  assert.equal(drawZ(3, 10, 'a'), drawZ(3, 10, 'a'));
  assert.not.equal(drawZ(3, 10, 'a'), drawZ(3, 10, 'b'));
});

test('z are standard normal: mean, variance, tails', () => {
  const count = 20_000;
  const z = drawZ(count / 100, 100, 'moments');
  const mean = (power: number): number => z.reduce((sum, value) => sum + value ** power, 0) / count;
  // Five standard deviations of each estimate: of z^p it is √((E z^2p − (E z^p)²) / count).
  assertClose(mean(1), 0, 5 * Math.sqrt(1 / count), 'mean');
  assertClose(mean(2), 1, 5 * Math.sqrt(2 / count), 'variance');
  assertClose(mean(4), 3, 5 * Math.sqrt(96 / count), 'fourth moment');
  const beyond = z.filter((value) => Math.abs(value) > 2).length / count;
  assertClose(beyond, 0.0455, 5 * Math.sqrt(0.0455 / count), 'share beyond two deviations');
});

test.run();
