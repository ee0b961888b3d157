/**
 * @file The birthday test on images whose number is known.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { findDuplicates, prepareDuplicates } from '../../../src/evaluation/copies/duplicates.js';
import { findThresholds, type LabelledImages } from '../../../src/evaluation/thresholds.js';
import { CLASSES } from '../../../src/models/networks/classifier.js';
import { openTestDevice } from '../../support/device.js';
import { mapPoints, normalPoints, pick } from '../../support/points.js';
import { seededInts } from '../../support/random.js';
import { refused } from '../../support/refused.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

const SIZE = 20;

/** Classes in turns; class c is a cloud of radius c + 1 of its own, so that class 0 has the least distances. */
function clouds(seed: string, count: number): LabelledImages {
  const points = mapPoints(normalPoints(seed, count, SIZE), (value, place, row) => {
    const label = row % CLASSES;
    return value * (label + 1) + (place === label ? 100 : 0);
  });
  return { ...points, labels: Uint8Array.from({ length: count }, (_, row) => row % CLASSES) };
}

function pickImages(images: LabelledImages, rows: readonly number[]): LabelledImages {
  return { ...pick(images, rows), labels: Uint8Array.from(rows, (row) => images.labels[row]!) };
}

const COUNT = 1100;
const prepared = await prepareDuplicates(engine, clouds('real', COUNT));

test('other real images: hardly a duplicate, hardly a collision', async () => {
  const { duplicates, support } = await findDuplicates(engine, prepared, clouds('other', COUNT));
  // The least distance of 110 is that of two images, so that a further one falls below nearer 1 in 55 than 1 in 111.
  assert.ok(duplicates < 0.045, `${duplicates}`);
  // One collision a class is expected, and a few more are no wonder: all distances are of one kind.
  assert.ok(support === null || support > COUNT ** 2 / 100, `${support}`);
});

test('the real images themselves: 1 % at most are below the threshold of 1 %, and none collide', async () => {
  const { duplicates, support } = await findDuplicates(engine, prepared, clouds('real', COUNT));
  assert.ok(duplicates <= 0.01);
  assert.is(support, null);
});

test('a few images over and over: all are duplicates, and their number comes out', async () => {
  for (const [kinds, seed] of [
    [1, 'one'],
    [10, 'ten'],
    [110, 'many'],
  ] as const) {
    const rows = Array.from({ length: COUNT }, (_, row) => row % kinds);
    const { duplicates, support } = await findDuplicates(engine, prepared, pickImages(clouds(seed, kinds), rows));
    assert.is(duplicates, 1);
    // Drawn in turns there is one pair less of each than by chance: (n − 1) / (n / s − 1).
    assert.is(support, (COUNT - 1) / (COUNT / kinds - 1));
  }
});

test('copies that are not quite alike are copies', async () => {
  const rows = Array.from({ length: COUNT }, (_, row) => row % 50);
  const copies = pickImages(clouds('kinds', 50), rows);
  const noise = normalPoints('noise', COUNT, SIZE).values;
  const blurred = { ...copies, values: copies.values.map((value, at) => value + 0.05 * noise[at]!) };
  const { duplicates, support } = await findDuplicates(engine, prepared, blurred);
  assert.is(duplicates, 1);
  assert.is(support, (COUNT - 1) / (COUNT / 50 - 1));
});

test('drawn by chance from s images, the support is near s', async () => {
  const rows = seededInts('draws', COUNT, 0, 299);
  const { support } = await findDuplicates(engine, prepared, pickImages(clouds('pool', 300), rows));
  // 2,015 collisions are expected, with a spread of about 45 and a little more for their being dependent.
  assert.ok(support !== null && Math.abs(support - 300) < 30, `${support}`);
});

test('of images half of which are one, about half are duplicates, and the support is about 4', async () => {
  const rows = Array.from({ length: COUNT }, (_, row) => (row % 2 === 0 ? 0 : row));
  const { duplicates, support } = await findDuplicates(engine, prepared, pickImages(clouds('half', COUNT), rows));
  assert.ok(Math.abs(duplicates - 0.5) < 0.02, `${duplicates}`);
  assert.ok(support !== null && Math.abs(support - 4) < 0.05, `${support}`);
});

test('each class has a threshold of its own; one without images has that of all', () => {
  const distances = Float32Array.from({ length: 400 }, (_, image) => (image % 2 === 0 ? 1 : 1000) + image);
  const labels = Uint8Array.from(distances, (_, image) => (image % 2 === 0 ? 3 : 8));
  const { unusual, unseen } = findThresholds(distances, labels);
  // Of 200 the second; of 400 the fourth.
  assert.equal([unusual[3], unseen[3]], [3, 1]);
  assert.equal([unusual[8], unseen[8]], [1003, 1001]);
  assert.equal([unusual[0], unseen[0]], [7, 1]);
  const few = findThresholds(Float32Array.of(5, 2, 9), Uint8Array.of(1, 1, 1));
  assert.equal([few.unusual[1], few.unseen[1]], [2, 2]);
});

test('refuses what it cannot compare, by name', async () => {
  const images = clouds('bad', 20);
  await refused(
    () => findDuplicates(engine, prepared, images),
    /findDuplicates: got 20 generated images; it takes 1100, as many as there are real ones/,
  );
  await refused(() => prepareDuplicates(engine, pickImages(images, [1])), /prepareDuplicates: got 1 real images/);
  await refused(
    () => prepareDuplicates(engine, { ...images, labels: new Uint8Array(19) }),
    /got 19 labels for 20 real images/,
  );
  await refused(
    () => prepareDuplicates(engine, { ...images, labels: new Uint8Array(20).fill(10, 4) }),
    /label 10 at row 4 of the real images; it takes 0 … 9/,
  );
  const broken = { ...images, ...mapPoints(images, (value, place, row) => (row === 6 && place === 3 ? NaN : value)) };
  await refused(() => prepareDuplicates(engine, broken), /row 6 of the real images holds NaN/);
  const wide = { ...normalPoints('wide', COUNT, 3), labels: new Uint8Array(COUNT) };
  await refused(() => findDuplicates(engine, prepared, wide), /1100 generated images of 3 numbers.* 20 numbers each/);
});

test.run();
