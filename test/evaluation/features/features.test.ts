/**
 * @file The metrics over features as a diagnosis holds them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { featureMetrics, featurePoints, prepareFeatures } from '../../../src/evaluation/features/features.js';
import { FEATURES } from '../../../src/models/networks/classifier.js';
import { openTestDevice } from '../../support/device.js';
import { clusters, normalPoints } from '../../support/points.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

const ALL = Array.from({ length: 10 }, (_, center) => center);

test('alike, half of the modes, and none of them', async () => {
  const prepared = await prepareFeatures(engine, clusters('real', 400, 12, ALL));
  const alike = await featureMetrics(engine, prepared, clusters('alike', 400, 12, ALL));
  const half = await featureMetrics(engine, prepared, clusters('half', 400, 12, ALL.slice(0, 5)));
  const none = await featureMetrics(engine, prepared, normalPoints('none', 400, 12));
  for (const [better, worse] of [
    [alike, half],
    [half, none],
  ] as const) {
    assert.ok(better.frechet < worse.frechet);
    assert.ok(better.kernel < worse.kernel);
    assert.ok(better.coverage > worse.coverage);
    assert.ok(better.recall > worse.recall);
  }
  assert.ok(half.precision > 0.6);
  assert.equal([none.precision, none.recall, none.density, none.coverage], [0, 0, 0, 0]);
});

test('the same seed gives the same bits', async () => {
  const [real, generated] = [normalPoints('real', 1100, 16), normalPoints('generated', 300, 16)];
  const once = await featureMetrics(engine, await prepareFeatures(engine, real), generated);
  assert.equal(await featureMetrics(engine, await prepareFeatures(engine, real), generated), once);
});

test('takes what a classifier read', async () => {
  const read = normalPoints('read', 20, FEATURES);
  const reading = {
    count: 20,
    features: read.values,
    probabilities: new Float32Array(200),
    labels: new Uint8Array(20),
  };
  assert.equal(featurePoints(reading), read);
  const { frechet } = await featureMetrics(engine, await prepareFeatures(engine, featurePoints(reading)), read);
  assert.ok(frechet < 1e-8);
});

test('refuses too few', async () => {
  await refused(() => prepareFeatures(engine, normalPoints('few', 5, 4)), /prepareNeighbours: got 5 real features/);
});

test.run();
