/**
 * @file Which z a map of the latent space shows.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { latentMap, normalQuantile } from '../../src/study/figures/latentMap.js';
import { drawZ } from '../../src/gan/latent.js';

/** From tables of the normal distribution. */
const TABLE = [
  [0.5, 0],
  [0.841344746068543, 1],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.001, -3.090232306167813],
] as const;

test('quantiles of N(0, 1) are those of the tables', () => {
  for (const [share, expected] of TABLE) {
    assert.ok(Math.abs(normalQuantile(share) - expected) < 1e-4, `${share}: ${normalQuantile(share)}`);
  }
});

test('one dimension is a line of ascending quantiles, as far below 0 as above', () => {
  const { z, columns } = latentMap(1, 'seed');
  assert.equal([z.length, columns], [60, 20]);
  for (let i = 1; i < z.length; i++) assert.ok(z[i]! > z[i - 1]!);
  assert.ok(Math.abs(z[0]! + z[59]!) < 1e-6);
  assert.ok(Math.abs(z[0]! - normalQuantile(0.5 / 60)) < 1e-6);
});

test('two are a square: the first number grows to the right, the second upwards', () => {
  const { z, columns } = latentMap(2, 'seed');
  assert.equal([z.length, columns], [16 * 16 * 2, 16]);
  const at = (x: number, y: number): number[] => [...z.subarray(2 * (16 * y + x), 2 * (16 * y + x) + 2)];
  const edge = normalQuantile(0.5 / 16);
  assert.ok(at(0, 15).every((value) => Math.abs(value - edge) < 1e-6));
  assert.ok(at(15, 0).every((value) => Math.abs(value + edge) < 1e-6));
});

test('more are the plane through three points, which the seed draws', () => {
  const [zDim, seed] = [7, 'plane'];
  const { z } = latentMap(zDim, seed);
  const at = (x: number, y: number): number[] => [...z.subarray(zDim * (16 * y + x), zDim * (16 * y + x + 1))];
  const points = drawZ(3, zDim, seed);
  const point = (index: number): number[] => [...points.subarray(index * zDim, (index + 1) * zDim)];
  const near = (a: number[], b: number[]): boolean => a.every((value, i) => Math.abs(value - b[i]!) < 1e-5);
  assert.ok(near(at(0, 0), point(0)) && near(at(15, 0), point(1)) && near(at(0, 15), point(2)));
  const last = point(0).map((value, i) => point(1)[i]! + point(2)[i]! - value);
  assert.ok(near(at(15, 15), last));
});

test.run();
