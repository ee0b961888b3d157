/**
 * @file The kernel distance against its definition in float64, and where it is 0.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { kernelDistance, prepareKernelDistance } from '../../../src/evaluation/features/kernelDistance.js';
import type { Points } from '../../../src/evaluation/features/points.js';
import * as reference from '../../reference/pairs.js';
import { openTestDevice } from '../../support/device.js';
import { mapPoints, normalPoints, pick, rows64, shuffled } from '../../support/points.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

async function measure(real: Points, generated: Points): Promise<number> {
  return kernelDistance(engine, await prepareKernelDistance(engine, real), generated);
}

test('agrees with float64 at odd sizes, within a tile and beyond', async () => {
  for (const [real, fake, size] of [
    [2, 2, 1],
    [7, 13, 3],
    [101, 37, 128],
    [61, 1031, 2],
    [1031, 61, 7],
  ] as const) {
    const a = normalPoints(`real ${real}`, real, size);
    const b = mapPoints(normalPoints(`fake ${fake}`, fake, size), (value) => 0.8 * value + 0.4);
    const [actual, expected] = [await measure(a, b), reference.kernelDistance(rows64(a), rows64(b))];
    // Means of cubes of up to a few hundred cancel; each sum is right to about 1e-7 of its terms.
    assert.ok(Math.abs(actual - expected) < 2e-5 * Math.max(1, Math.abs(expected)), `${actual}, expected ${expected}`);
  }
});

test('in one dimension, by hand', async () => {
  // Kernels (x·y + 1)³: within {0, 1} 1, within {1, 2} 27, between them 1, 1, 8 and 27.
  const real = { count: 2, size: 1, values: Float32Array.of(0, 1) };
  const generated = { count: 2, size: 1, values: Float32Array.of(1, 2) };
  assert.is(await measure(real, generated), 1 + 27 - 2 * ((1 + 1 + 8 + 27) / 4));
});

test('of two samples of one distribution it is 0 in the mean, and on either side of it', async () => {
  const all = normalPoints('halves', 600, 6);
  const estimates: number[] = [];
  for (let split = 0; split < 24; split++) {
    const mixed = shuffled(all, `split ${split}`);
    const rows = Array.from({ length: 600 }, (_, row) => row);
    estimates.push(await measure(pick(mixed, rows.slice(0, 300)), pick(mixed, rows.slice(300))));
  }
  const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
  const spread = Math.sqrt(estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (estimates.length - 1));
  assert.ok(Math.abs(mean) < (4 * spread) / Math.sqrt(estimates.length), `mean ${mean}, spread ${spread}`);
  assert.ok(estimates.some((value) => value < 0) && estimates.some((value) => value > 0));
  const moved = mapPoints(all, (value) => value + 0.5);
  assert.ok((await measure(all, moved)) > 10 * spread);
});

test('the order of the points says next to nothing', async () => {
  const real = normalPoints('order a', 1100, 5);
  const generated = mapPoints(normalPoints('order b', 1050, 5), (value) => value * 0.9 + 0.1);
  const [once, again] = [await measure(real, generated), await measure(shuffled(real, 'x'), shuffled(generated, 'y'))];
  assert.ok(Math.abs(once - again) < 1e-6, `${once} and ${again}`);
});

test('refuses what it cannot compare, by name', async () => {
  const good = normalPoints('good', 10, 4);
  const prepared = await prepareKernelDistance(engine, good);
  const one = normalPoints('one', 1, 4);
  await refused(() => prepareKernelDistance(engine, one), /prepareKernelDistance: got 1 real features; it takes 2 at/);
  await refused(() => kernelDistance(engine, prepared, one), /kernelDistance: got 1 generated features; it takes 2 at/);
  const wide = normalPoints('wide', 10, 8);
  await refused(
    () => kernelDistance(engine, prepared, wide),
    /got 10 generated features of 8 numbers.* 4 numbers each/,
  );
  const broken = mapPoints(good, (value, place, row) => (row === 9 && place === 0 ? Infinity : value));
  await refused(() => kernelDistance(engine, prepared, broken), /row 9 of the generated features holds Infinity/);
});

test.run();
