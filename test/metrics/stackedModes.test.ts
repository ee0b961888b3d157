/**
 * @file Modes covered and their divergence from equal shares: closed forms, a count by hand, images whose digits are
 * known, and real ones, which cover them all.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { fillImages } from '../../src/data/batches.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { loadMnist } from '../../src/data/mnist.js';
import { STACKED_SAMPLES, stackedMnist } from '../../src/data/stackedMnist.js';
import { readImages } from '../../src/metrics/reading.js';
import { readStacked, stackedCoverage, StackedModes } from '../../src/metrics/stackedModes.js';
import { divergence, sharesOf } from '../../src/metrics/shares.js';
import { bundledClassifier, loadClassifier } from '../../src/training/trainedClassifier.js';
import { openTestDevice } from '../support/device.js';
import { refused } from '../support/refused.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

const counts = (of: (mode: number) => number): number[] => Array.from({ length: 1000 }, (_, mode) => of(mode));

function near(found: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, not ${expected}`);
}

test('closed forms: one mode, all alike, half of them', () => {
  const one = stackedCoverage(counts((mode) => (mode === 137 ? 26_000 : 0)));
  assert.equal([one.samples, one.modes], [26_000, 1]);
  near(one.divergence, Math.log(1000));
  const all = stackedCoverage(counts(() => 26));
  assert.equal([all.samples, all.modes], [26_000, 1000]);
  near(all.divergence, 0);
  const half = stackedCoverage(counts((mode) => (mode % 2 === 0 ? 52 : 0)));
  assert.is(half.modes, 500);
  near(half.divergence, Math.log(2));
});

test('any samples: as counted by hand, one after another', () => {
  const samples = fc.array(fc.nat(999), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(samples, (labels) => {
      const found = stackedCoverage(counts((mode) => labels.filter((label) => label === mode).length));
      let expected = 0;
      for (const mode of new Set(labels)) {
        const share = labels.filter((label) => label === mode).length / labels.length;
        expected += share * (Math.log(share) - Math.log(1 / 1000));
      }
      assert.equal([found.samples, found.modes], [labels.length, new Set(labels).size]);
      near(found.divergence, expected, 1e-9);
      assert.ok(found.divergence >= Math.log(1000 / found.modes) - 1e-9 && found.divergence <= Math.log(1000) + 1e-9);
    }),
  );
});

test('counts that are none are refused', () => {
  assert.throws(() => stackedCoverage([1, 2]), /stackedCoverage: got 2 counts; it takes one for each of 1000 modes/);
  assert.throws(() => stackedCoverage(counts((mode) => (mode === 3 ? -1 : 1))), /got -1 samples of mode 3/);
  assert.throws(() => stackedCoverage(counts(() => 0)), /there are no samples/);
});

const classifier = loadClassifier(engine, bundledClassifier('digits') ?? '').model;

function imagesOf(dataset: ImageDataset, first: number, count: number): Float32Array {
  const images = new Float32Array(count * dataset.height * dataset.width * dataset.channels);
  fillImages(
    dataset,
    Uint32Array.from({ length: count }, (_, index) => first + index),
    images,
  );
  return images;
}

test('a channel is read as the same image of one channel is, whatever the others show', async () => {
  const digits = digitsDataset({ seed: 'modes', count: 60 });
  const seen = await readImages(engine, classifier, imagesOf(digits, 0, 60));
  const at = (index: number): number => seen.labels[index]!;
  // Twenty images, of which the channels of each are three digits in a row; the last channel is another image's.
  const images = new Float32Array(20 * 2352);
  const source = imagesOf(digits, 0, 60);
  for (let i = 0; i < images.length; i++) {
    const [image, pixel, channel] = [Math.floor(i / 2352), Math.floor((i % 2352) / 3), i % 3];
    images[i] = source[(3 * image + channel) * 784 + pixel]!;
  }
  const expected = Array.from({ length: 20 }, (_, i) => 100 * at(3 * i) + 10 * at(3 * i + 1) + at(3 * i + 2));
  assert.equal(Array.from(await readStacked(engine, classifier, images)), expected);
  assert.ok(new Set(expected).size > 10);
});

test('images in parts count as all at once', async () => {
  const stacked = stackedMnist(digitsDataset({ seed: 'modes', count: 60 }), { seed: 'parts', count: 30 });
  const [whole, parts] = [new StackedModes(engine, classifier), new StackedModes(engine, classifier)];
  assert.throws(() => parts.coverage, /there are no samples/);
  const labels = await whole.add(imagesOf(stacked, 0, 30));
  for (const [first, count] of [
    [0, 7],
    [7, 1],
    [8, 22],
  ] as const) {
    const found = await parts.add(imagesOf(stacked, first, count));
    assert.equal(found, labels.slice(first, first + count));
  }
  assert.equal(parts.counts, whole.counts);
  assert.is(parts.coverage.samples, 30);
  assert.is(parts.coverage.modes, new Set(labels).size);
});

test('images of another size, and NaN in one of the channels, are refused', async () => {
  const read = (images: Float32Array) => readStacked(engine, classifier, images);
  await refused(() => read(new Float32Array(784)), /readStacked: got 784 numbers; it takes images of 2352 each/);
  await refused(() => read(new Float32Array(0)), /1 at least/);
  const bad = new Float32Array(2 * 2352);
  bad[2352 + 5] = NaN;
  await refused(() => read(bad), /readStacked: image 1 holds NaN/);
});

const mnist = process.env.MNIST_DIR ?? '';
if (mnist === '') {
  console.log('SKIPPED that real images cover all modes: set MNIST_DIR to the folder that holds real MNIST');
} else {
  slow(
    'real test images, stacked, cover all modes but by chance, and their divergence is chance and unequal digits',
    async () => {
      const digits = await loadMnist(mnist, 'test');
      const stacked = stackedMnist(digits, { seed: 'real', count: STACKED_SAMPLES });
      const real = loadClassifier(engine, bundledClassifier(digits.name) ?? '').model;
      const modes = new StackedModes(engine, real);
      for (let first = 0; first < STACKED_SAMPLES; first += 2000) await modes.add(imagesOf(stacked, first, 2000));
      real.dispose();
      const labelled = new Array<number>(1000).fill(0);
      for (const label of stacked.labels) labelled[label]!++;
      const floor = stackedCoverage(labelled);
      // The rarest mode is expected 18 times: a missing one is less than one chance in ten thousand.
      assert.is(modes.coverage.modes, 1000);
      // The three digits are independent, and chance adds (modes − 1) / (2 · samples), with a deviation of 0.001.
      const shares = sharesOf(
        Array.from({ length: 10 }, (_, digit) => digits.labels.filter((is) => is === digit).length),
      );
      const unequal = 3 * divergence(shares, new Array<number>(10).fill(0.1));
      near(floor.divergence, unequal + 999 / (2 * STACKED_SAMPLES), 0.004);
      near(modes.coverage.divergence, floor.divergence, 0.003);
    },
  );
}

test.run();
