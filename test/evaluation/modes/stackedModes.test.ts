/**
 * @file Tests the coverage of Stacked MNIST's modes: closed forms, a count by hand, images with known digits, and real images,
 * which cover all modes.
 *
 * @expensive classifies thousands of images
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { fillImages } from '../../../src/data/batches.js';
import type { ImageDataset } from '../../../src/data/dataset.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { loadMnist } from '../../../src/datasets/mnist.js';
import { STACKED_SAMPLES, stackedMnist } from '../../../src/data/stackedMnist.js';
import { readImages } from '../../../src/evaluation/inputs/classifierOutput.js';
import {
  readStacked,
  stackedCoverage,
  StackedModes,
  stackedReading,
} from '../../../src/evaluation/modes/stackedModes.js';
import { divergence, sharesOf } from '../../../src/evaluation/modes/shares.js';
import { bundledClassifier, loadClassifier } from '../../../src/training/checkpoint/trainedClassifier.js';
import { openTestDevice } from '../../support/device.js';
import { refused } from '../../support/refused.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());
const engine = new Engine(device);

const counts = (of: (mode: number) => number): number[] => Array.from({ length: 1000 }, (_, mode) => of(mode));

const NONE = counts(() => 0);

function near(found: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, not ${expected}`);
}

test('closed forms: one mode, all modes equally, half of them', () => {
  const one = stackedCoverage(
    counts((mode) => (mode === 137 ? 26_000 : 0)),
    NONE,
  );
  assert.equal([one.samples, one.modes], [26_000, 1]);
  near(one.divergence, Math.log(1000));
  const all = stackedCoverage(
    counts(() => 26),
    NONE,
  );
  assert.equal([all.samples, all.modes], [26_000, 1000]);
  near(all.divergence, 0);
  const half = stackedCoverage(
    counts((mode) => (mode % 2 === 0 ? 52 : 0)),
    NONE,
  );
  assert.is(half.modes, 500);
  near(half.divergence, Math.log(2));
});

test('the coverage of any samples is that of a direct count', () => {
  const samples = fc.array(fc.nat(999), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(samples, (labels) => {
      const found = stackedCoverage(
        counts((mode) => labels.filter((label) => label === mode).length),
        NONE,
      );
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

test('the share of sure samples, and the modes that they cover, closed forms', () => {
  const all = counts(() => 26);
  const sure = (sureCounts: number[]) => {
    const { sure: share, sureModes, modes } = stackedCoverage(all, sureCounts);
    assert.is(modes, 1000);
    return [share, sureModes];
  };
  assert.equal(sure(NONE), [0, 0]);
  assert.equal(sure(all), [1, 1000]);
  assert.equal(sure(counts((mode) => (mode < 250 ? 13 : 0))), [0.125, 250]);
  assert.equal(sure(counts((mode) => (mode === 999 ? 26 : 0))), [0.001, 1]);
});

test('invalid counts are refused', () => {
  const ones = counts(() => 1);
  assert.throws(
    () => stackedCoverage([1, 2], ones),
    /stackedCoverage: got 2 counts; it takes one for each of 1000 modes/,
  );
  assert.throws(() => stackedCoverage(ones, [1]), /got 1 counts/);
  assert.throws(
    () =>
      stackedCoverage(
        counts((mode) => (mode === 3 ? -1 : 1)),
        NONE,
      ),
    /got -1 samples of mode 3/,
  );
  assert.throws(() => stackedCoverage(NONE, NONE), /there are no samples/);
  const more = counts((mode) => (mode === 8 ? 2 : 0));
  assert.throws(() => stackedCoverage(ones, more), /got 2 sure samples of mode 8, of 1 in all/);
});

/** A classifier's output with the given probability for each digit; the other digits share the rest equally. */
function readingOf(read: readonly (readonly [digit: number, probability: number])[]) {
  const rows = read.map(([digit, probability]) =>
    Array.from({ length: 10 }, (_, other) => (other === digit ? probability : (1 - probability) / 9)),
  );
  return { labels: Uint8Array.from(read, ([digit]) => digit), probabilities: Float32Array.from(rows.flat()) };
}

test('an image is sure if the classifier is sure of all three digits, with a probability of 0.9 or more', () => {
  const { labels, sure } = stackedReading(
    readingOf([
      ...([
        [1, 0.95],
        [2, 0.91],
        [3, 1],
      ] as const),
      ...([
        [1, 0.95],
        [2, 0.89],
        [3, 1],
      ] as const),
      ...([
        [9, 0.89],
        [0, 0.99],
        [9, 0.99],
      ] as const),
      ...([
        [0, 0.99],
        [0, 0.99],
        [7, 0.5],
      ] as const),
      ...([
        [0, 0.900001],
        [0, 0.900001],
        [0, 0.900001],
      ] as const),
    ]),
  );
  assert.equal(Array.from(labels), [123, 123, 909, 7, 0]);
  assert.equal(Array.from(sure), [1, 0, 0, 0, 1]);
});

test('if a share q of the channels is sure, q³ of the images are', () => {
  const channel = fc.tuple(fc.nat(9), fc.double({ min: 0.2, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(channel, channel, channel), { minLength: 1, maxLength: 50 }), (images) => {
      const { labels, sure } = stackedReading(readingOf(images.flat()));
      images.forEach(([[red, p], [green, q], [blue, r]], image) => {
        assert.is(labels[image], 100 * red + 10 * green + blue);
        // The compared probabilities are float32.
        assert.is(sure[image], [p, q, r].map(Math.fround).every((value) => value >= 0.9) ? 1 : 0);
      });
    }),
  );
  // All 4³ images of channels of which one in four is unsure, so that (3/4)³ are sure.
  const ways = [0.89, 0.91, 0.95, 1].map((probability, digit) => [digit, probability] as const);
  const every = ways.flatMap((red) => ways.flatMap((green) => ways.flatMap((blue) => [red, green, blue])));
  assert.is(stackedReading(readingOf(every)).sure.reduce((sum, one) => sum + one, 0) / 64, 27 / 64);
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

test('a channel is read as the same image of one channel, whatever the other channels show', async () => {
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
  const { labels, sure } = await readStacked(engine, classifier, images);
  assert.equal(Array.from(labels), expected);
  const isSure = Array.from(seen.labels, (label, image) => seen.probabilities[10 * image + label]! >= 0.9);
  assert.equal(
    Array.from(sure),
    expected.map((_, i) => Number(isSure.slice(3 * i, 3 * i + 3).every(Boolean))),
  );
  assert.ok(new Set(expected).size > 10);
});

test('images added in parts count as all at once', async () => {
  const stacked = stackedMnist(digitsDataset({ seed: 'modes', count: 60 }), { seed: 'parts', count: 30 });
  const [whole, parts] = [new StackedModes(engine, classifier), new StackedModes(engine, classifier)];
  assert.throws(() => parts.coverage, /there are no samples/);
  const { labels, sure } = await whole.add(imagesOf(stacked, 0, 30));
  for (const [first, count] of [
    [0, 7],
    [7, 1],
    [8, 22],
  ] as const) {
    const found = await parts.add(imagesOf(stacked, first, count));
    assert.equal(found.labels, labels.slice(first, first + count));
    assert.equal(found.sure, sure.slice(first, first + count));
  }
  assert.equal(parts.counts, whole.counts);
  assert.is(parts.coverage.samples, 30);
  assert.equal(parts.coverage, whole.coverage);
  assert.is(parts.coverage.modes, new Set(labels).size);
  const surely = labels.filter((_, image) => sure[image] === 1);
  assert.equal([parts.coverage.sure, parts.coverage.sureModes], [surely.length / 30, new Set(surely).size]);
});

test('images of another size and NaN in a channel are refused', async () => {
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
    'real test images, stacked, cover all modes; their divergence is that of chance and unequal digits',
    async () => {
      const digits = await loadMnist(mnist, 'test');
      const stacked = stackedMnist(digits, { seed: 'real', count: STACKED_SAMPLES });
      const real = loadClassifier(engine, bundledClassifier(digits.name) ?? '').model;
      // A channel is read as the same image of one channel is (see above), so each of the 10,000 digits is read once.
      const output = await readImages(engine, real, imagesOf(digits, 0, digits.count));
      const indexOf = new Map(
        Array.from({ length: digits.count }, (_, index) => [textOf(digits.bytesOf(index)), index]),
      );
      const channels = Array.from({ length: STACKED_SAMPLES }, (_, image) => channelsOf(stacked.bytesOf(image))).flat();
      const read = channels.map((bytes) => indexOf.get(textOf(bytes)) ?? NaN);
      const all = stackedReading({
        labels: Uint8Array.from(read, (index) => output.labels[index]!),
        probabilities: Float32Array.from(
          read.flatMap((index) => Array.from(output.probabilities.subarray(10 * index, 10 * index + 10))),
        ),
      });
      const few = await readStacked(engine, real, imagesOf(stacked, 0, 200));
      assert.equal([few.labels, few.sure], [all.labels.slice(0, 200), all.sure.slice(0, 200)]);
      real.dispose();
      const sure = all.labels.filter((_, image) => all.sure[image] === 1);
      const coverage = stackedCoverage(countsOf(all.labels), countsOf(sure));
      const floor = stackedCoverage(countsOf(stacked.labels), NONE);
      // The rarest mode is expected 18 times: a missing one is less than one chance in ten thousand.
      assert.is(coverage.modes, 1000);
      // The three digits are independent, and chance adds (modes − 1) / (2 · samples), with a deviation of 0.001.
      const shares = sharesOf(
        Array.from({ length: 10 }, (_, digit) => digits.labels.filter((is) => is === digit).length),
      );
      const unequal = 3 * divergence(shares, new Array<number>(10).fill(0.1));
      near(floor.divergence, unequal + 999 / (2 * STACKED_SAMPLES), 0.004);
      near(coverage.divergence, floor.divergence, 0.003);
      // Nearly all digits are read with certainty, so nearly all images of three are.
      assert.ok(coverage.sure > 0.9 && coverage.sureModes === 1000, JSON.stringify(coverage));
    },
  );
}

function countsOf(labels: Iterable<number>): number[] {
  const found = new Array<number>(1000).fill(0);
  for (const label of labels) found[label]!++;
  return found;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The three channels of an image's bytes [784, 3]. */
function channelsOf(bytes: Uint8Array): Uint8Array[] {
  return [0, 1, 2].map((channel) => bytes.filter((_, at) => at % 3 === channel));
}

test.run();
