/**
 * @file Copies of training images against images that were never trained on.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { findMemorised, prepareMemorising } from '../../../src/evaluation/copies/memorising.js';
import { imageRows, rowsOf } from '../../../src/evaluation/features/points.js';
import type { LabelledImages } from '../../../src/evaluation/thresholds.js';
import type { StoredDataset } from '../../../src/data/dataset.js';
import * as reference from '../../reference/pairs.js';
import { openTestDevice } from '../../support/device.js';
import { normalPoints, rows64 } from '../../support/points.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

/** A part of a dataset, read into memory. */
function images(dataset: StoredDataset, first: number, count: number): LabelledImages {
  const { size, write } = imageRows(dataset);
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) write(first + i, values.subarray(i * size, (i + 1) * size));
  return { count, size, values, labels: dataset.labels.slice(first, first + count) };
}

const TRAINING = 2100;
const digits = digitsDataset({ seed: 'memorising', count: TRAINING });
const others = digitsDataset({ seed: 'memorising', count: 2000, first: TRAINING });
const heldOut = images(others, 0, 1000);
const prepared = await prepareMemorising(engine, imageRows(digits), heldOut);

test('training images are found, each by its number', async () => {
  const { memorised, nearest, distances } = await findMemorised(engine, prepared, images(digits, 1000, 300));
  assert.is(memorised, 1);
  assert.equal(
    [...nearest],
    Array.from({ length: 300 }, (_, i) => 1000 + i),
  );
  // |x|² + |x|² − 2 x·x of a few hundred leaves up to 1e-4 or so, of which this is the root.
  assert.ok(distances.every((distance) => distance < 0.05));
});

test('of images that were not trained on, about 1 % are as near', async () => {
  const { memorised } = await findMemorised(engine, prepared, images(others, 1000, 1000));
  assert.ok(memorised < 0.025, `${memorised}`);
  // Of the held-out images themselves one of each hundred would be the threshold, and none is below it.
  assert.is((await findMemorised(engine, prepared, heldOut)).memorised, 0);
});

test('a mixture is memorised in part', async () => {
  const [copies, fresh] = [images(digits, 50, 30), images(others, 1500, 90)];
  const mixed = {
    count: 120,
    size: copies.size,
    values: Float32Array.of(...copies.values, ...fresh.values),
    labels: Uint8Array.of(...copies.labels, ...fresh.labels),
  };
  const { memorised } = await findMemorised(engine, prepared, mixed);
  assert.ok(memorised >= 0.25 && memorised < 0.28, `${memorised}`);
});

test('the nearest is that of float64, over many tiles', async () => {
  const [training, asked] = [normalPoints('training', 9300, 3), normalPoints('asked', 11, 3)];
  const labels = new Uint8Array(11);
  const own = await prepareMemorising(engine, rowsOf(training), { ...asked, labels });
  const { distances, nearest } = await findMemorised(engine, own, { ...asked, labels });
  const [rows, queries] = [rows64(training), rows64(asked)];
  reference.nearest(queries, rows, 1, false).forEach(([square], query) => {
    assert.ok(Math.abs(distances[query]! - Math.sqrt(square!)) < 1e-4);
    assert.ok(Math.abs(reference.squaredDistance(rows[nearest[query]!]!, queries[query]!) - square!) < 1e-5);
  });
});

test('refuses what it cannot compare, by name', async () => {
  const labels = new Uint8Array(12);
  const wide = { ...normalPoints('wide', 12, 3), labels };
  await refused(() => findMemorised(engine, prepared, wide), /findMemorised: got 12 generated images of 3 numbers/);
  await refused(() => prepareMemorising(engine, imageRows(digits), wide), /prepareMemorising: got 12 held-out images/);
  const none = { ...rowsOf(wide), count: 0 };
  await refused(() => prepareMemorising(engine, none, wide), /got 0 training images; it takes one at least/);
  const hollow = {
    ...imageRows(digits),
    write: (row: number, into: Float32Array) => into.fill(row === 1500 ? NaN : 1),
  };
  await refused(() => prepareMemorising(engine, hollow, heldOut), /row 1500 of the candidates holds NaN or ±∞/);
  const broken = { ...heldOut, values: heldOut.values.map((value, at) => (at === 784 * 5 ? NaN : value)) };
  await refused(() => findMemorised(engine, prepared, broken), /row 5 of the generated images holds NaN/);
});

test.run();
