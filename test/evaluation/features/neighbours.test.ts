/**
 * @file Precision, recall, density and coverage against their definitions in float64, and what the papers say of them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import {
  NEIGHBOURS,
  neighbourMetrics,
  prepareNeighbours,
  type NeighbourMetrics,
} from '../../../src/evaluation/features/neighbours.js';
import type { Points } from '../../../src/evaluation/features/points.js';
import * as reference from '../../reference/pairs.js';
import { openTestDevice } from '../../support/device.js';
import { clusters, mapPoints, normalPoints, pick, pointsOf, rows64, shuffled } from '../../support/points.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

async function measure(real: Points, generated: Points): Promise<NeighbourMetrics> {
  return neighbourMetrics(engine, await prepareNeighbours(engine, real), generated);
}

/**
 * Coverage that is expected of `generated` points of the real points' own distribution (Naeem et al. 2020, lemma 2): the k
 * nearest of `real` − 1 + `generated` points are all real with probability Π (real − i) / (real + generated − i), i = 1 … k.
 */
function expectedCoverage(real: number, generated: number, k = NEIGHBOURS): number {
  let missed = 1;
  for (let i = 1; i <= k; i++) missed *= (real - i) / (real + generated - i);
  return 1 - missed;
}

test('agrees with float64 at odd sizes, within a tile and beyond', async () => {
  for (const [real, fake, size] of [
    [6, 6, 1],
    [7, 13, 3],
    [101, 37, 5],
    [61, 1031, 2],
    [1031, 61, 7],
  ] as const) {
    const a = normalPoints(`real ${real}`, real, size);
    const b = mapPoints(normalPoints(`fake ${fake}`, fake, size), (value) => 0.8 * value + 0.4);
    const actual = await measure(a, b);
    assert.equal(actual, reference.neighbourMetrics(rows64(a), rows64(b), NEIGHBOURS), `${real}, ${fake} of ${size}`);
  }
});

test('far from 0, distances are no less exact', async () => {
  const [a, b] = [normalPoints('far real', 97, 4), normalPoints('far fake', 89, 4)];
  const far = (points: Points): Points => mapPoints(points, (value) => Math.round(value * 64) / 64 + 1000);
  assert.equal(await measure(far(a), far(b)), reference.neighbourMetrics(rows64(far(a)), rows64(far(b)), NEIGHBOURS));
});

test('the same points: all is within, and each ball holds its centre and k neighbours', async () => {
  const points = normalPoints('same', 1200, 6);
  const { precision, recall, density, coverage } = await measure(points, points);
  assert.equal([precision, recall, coverage], [1, 1, 1]);
  assert.is(density, (NEIGHBOURS + 1) / NEIGHBOURS);
});

test('alike sets: density 1 and the coverage that Naeem derives', async () => {
  const { density, coverage } = await measure(normalPoints('alike a', 2000, 8), normalPoints('alike b', 2000, 8));
  // The mean over 2000 points whose balls overlap: spreads of a few per cent.
  assert.ok(Math.abs(density - 1) < 0.08, `density ${density}`);
  assert.ok(Math.abs(coverage - expectedCoverage(2000, 2000)) < 0.02, `coverage ${coverage}`);
  assert.ok(Math.abs(expectedCoverage(2000, 2000) - (1 - 0.5 ** NEIGHBOURS)) < 0.002);
  // By hand: of 3 real and 3 generated points, k = 1 misses by (3 − 1) / (6 − 1).
  assert.is(expectedCoverage(3, 3, 1), 1 - 2 / 5);
});

test('apart, nothing is within', async () => {
  const apart = mapPoints(normalPoints('apart', 50, 3), (value) => value + 100);
  assert.equal(await measure(normalPoints('here', 50, 3), apart), { precision: 0, recall: 0, density: 0, coverage: 0 });
});

test('an outlier among the real points makes precision 1, and leaves density and coverage near 0', async () => {
  const cloud = rows64(normalPoints('cloud', 300, 4));
  const real = pointsOf([...cloud, [100, 100, 100, 100]]);
  // Generated points between the outlier and the cloud: the outlier's ball reaches the cloud, and holds them all.
  const generated = mapPoints(normalPoints('between', 300, 4), (value) => value + 60);
  const { precision, density, coverage } = await measure(real, generated);
  assert.is(precision, 1);
  assert.is(density, 1 / NEIGHBOURS);
  assert.is(coverage, 1 / 301);
});

test('the order of the points says nothing', async () => {
  const real = normalPoints('order a', 1100, 5);
  const generated = mapPoints(normalPoints('order b', 1050, 5), (value) => value * 0.9);
  const once = await measure(real, generated);
  assert.equal(await measure(shuffled(real, 'x'), shuffled(generated, 'y')), once);
});

test('of m clusters in ten, recall and coverage are about m in ten; precision stays', async () => {
  const all = Array.from({ length: 10 }, (_, center) => center);
  const prepared = await prepareNeighbours(engine, clusters('ten', 500, 12, all));
  for (const kept of [10, 7, 3, 1]) {
    const generated = clusters(`kept ${kept}`, 500, 12, all.slice(0, kept));
    const { precision, recall, density, coverage } = await neighbourMetrics(engine, prepared, generated);
    assert.ok(coverage <= kept / 10 && coverage > (kept / 10) * 0.9, `coverage ${coverage} of ${kept}`);
    assert.ok(recall <= kept / 10 && recall > (kept / 10) * 0.6, `recall ${recall} of ${kept}`);
    assert.ok(precision > 0.6, `precision ${precision} of ${kept}`);
    assert.ok(density > 0.6 && density < 1.4, `density ${density} of ${kept}`);
  }
});

test('one point over and over has no extent: recall is 0 unless it is real', async () => {
  const real = normalPoints('variety', 200, 6);
  const repeated = pick(
    real,
    Array.from({ length: 200 }, () => 17),
  );
  const { precision, recall, coverage } = await measure(real, repeated);
  assert.is(precision, 1);
  assert.is(recall, 1 / 200);
  assert.ok(coverage < 0.2, `coverage ${coverage}`);
});

test('refuses what it cannot compare, by name', async () => {
  const good = normalPoints('good', 20, 4);
  const prepared = await prepareNeighbours(engine, good);
  const few = normalPoints('few', 5, 4);
  await refused(() => prepareNeighbours(engine, few), /prepareNeighbours: got 5 real features; it takes 6 at least/);
  await refused(() => neighbourMetrics(engine, prepared, few), /neighbourMetrics: got 5 generated features.* 6 at/);
  await refused(
    () => neighbourMetrics(engine, prepared, normalPoints('wide', 20, 3)),
    /got 20 generated features of 3 numbers, 60 numbers in all; it takes 4 numbers each/,
  );
  await refused(
    () => prepareNeighbours(engine, { ...good, count: 19 }),
    /got 19 real features of 4 numbers, 80 numbers/,
  );
  for (const bad of [NaN, Infinity, -Infinity, 1e20]) {
    const broken = mapPoints(good, (value, place, row) => (row === 7 && place === 2 ? bad : value));
    await refused(
      () => neighbourMetrics(engine, prepared, broken),
      new RegExp(
        `neighbourMetrics: row 7 of the generated features holds ${String(Math.fround(bad))}; it takes numbers from`,
      ),
    );
  }
});

test('gives all memory back, and takes no more for more points', async () => {
  const points = (count: number): Points => normalPoints(`memory ${count}`, count, 4);
  await measure(points(1030), points(30));
  const { bytes, peakBytes } = device.pool;
  for (const count of [30, 3000]) await measure(points(1030), points(count));
  assert.is(device.pool.bytes, bytes);
  assert.is(device.pool.peakBytes, peakBytes);
});

test.run();
