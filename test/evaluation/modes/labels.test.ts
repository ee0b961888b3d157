/**
 * @file Metrics of labels: counts by hand, the interval's coverage by simulation, and what is refused.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelMetrics } from '../../../src/evaluation/modes/labels.js';
import {
  divergence,
  entropy,
  estimateDistance,
  type ShareDistance,
  sharesOf,
  totalVariation,
} from '../../../src/evaluation/modes/shares.js';
import { slow } from '../../support/slow.js';
import { labelsOf, readingOf } from '../classifierOutputs.js';

/** MNIST's training images of each digit. */
const REAL = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
const EVEN = new Array<number>(10).fill(6000);
const KNOWN = sharesOf(REAL);

test('a flat histogram: ten modes, ln 10 of entropy, nothing that chance does not explain', () => {
  const found = labelMetrics(readingOf(labelsOf(EVEN.map(() => 100))), EVEN);
  assert.equal(found.counts, new Array(10).fill(100));
  assert.is(found.modes, 10);
  assert.ok(Math.abs(found.entropy - Math.log(10)) < 1e-12);
  for (const { value, low } of [found.divergence, found.totalVariation]) assert.equal([value, low], [0, 0]);
  assert.ok(found.divergence.high < 0.01 && found.totalVariation.high < 0.06);
  assert.ok(Math.abs(found.confidence - 0.99) < 1e-6);
  assert.is(found.sure, 1);
});

test('entropy, divergence and total variation by hand', () => {
  assert.ok(Math.abs(entropy([0.5, 0.25, 0.25, 0]) - 1.5 * Math.log(2)) < 1e-12);
  assert.ok(Math.abs(divergence([0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]) - Math.log(2)) < 1e-12);
  assert.ok(Math.abs(totalVariation([0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]) - 0.5) < 1e-12);
  assert.is(divergence(KNOWN, KNOWN), 0);
});

test('k of ten classes alike: ln k of entropy, ln(10 / k) of divergence, 1 − k / 10 of total variation', () => {
  for (const k of [1, 2, 5, 9]) {
    const found = labelMetrics(readingOf(labelsOf(EVEN.map((_, label) => (label < k ? 2520 / k : 0)))), EVEN);
    assert.is(found.modes, k);
    assert.ok(Math.abs(found.entropy - Math.log(k)) < 1e-12);
    for (const [{ value, low, high }, expected] of [
      [found.divergence, Math.log(10 / k)],
      [found.totalVariation, 1 - k / 10],
    ] as const) {
      assert.ok(low <= value && value <= high);
      assert.ok(low <= expected && expected <= high + 1e-3, `k ${k}: ${low} … ${high}, expected ${expected}`);
      assert.ok(Math.abs(value - expected) < 0.01, `k ${k}: ${value}, expected ${expected}`);
    }
  }
});

test('what the classifier is unsure of, or gets wrong now and then, is no mode', () => {
  const labels = labelsOf([500, 480, 5, 0, 0, 0, 0, 0, 0, 15]);
  // Class 1 is mush; 5 of class 2 are stray; 15 of 1,000 are just short of significant at a tenth of the real share.
  const found = labelMetrics(
    readingOf(labels, (image) => (labels[image] === 1 ? 0.6 : 0.95)),
    EVEN,
  );
  assert.is(found.modes, 1);
  assert.ok(Math.abs(found.sure - 0.52) < 1e-9);
  assert.is(found.counts[1], 480);
  const more = labelMetrics(readingOf(labelsOf([500, 484, 0, 0, 0, 0, 0, 0, 0, 16])), EVEN);
  assert.is(more.modes, 3);
});

test('the order of the images changes nothing, nor does asking again', () => {
  const labels = labelsOf([300, 100, 50, 20, 0, 0, 10, 10, 5, 5]);
  const shuffled = labels.map((_, index) => labels[(index * 77) % labels.length]!);
  assert.equal(labelMetrics(readingOf(shuffled), REAL), labelMetrics(readingOf(labels), REAL));
});

function drawCounts(random: () => number, count: number, shares: readonly number[]): number[] {
  const counts = shares.map(() => 0);
  for (let image = 0; image < count; image++) {
    let left = random();
    let label = 0;
    while (label < shares.length - 1 && left >= shares[label]!) left -= shares[label++]!;
    counts[label]! += 1;
  }
  return counts;
}

const TRUTHS: Readonly<Record<string, readonly number[]>> = {
  'the real shares': KNOWN,
  'a tenth more and less': sharesOf(KNOWN.map((share, index) => share * (1 + (index % 2 === 0 ? 0.1 : -0.1)))),
  'five classes': sharesOf(KNOWN.map((share, index) => (index < 5 ? share : 0))),
  'five classes and traces': sharesOf(KNOWN.map((share, index) => (index < 5 ? share : 0.002))),
  'one class and traces': sharesOf(KNOWN.map((_, index) => (index === 1 ? 1 : 0.0005))),
  'each half of the one before': sharesOf(KNOWN.map((_, index) => 2 ** -index)),
};

/** Share of simulated samples whose interval holds the truth. */
function coverage(distance: ShareDistance, truth: readonly number[], count: number, samples: number): number {
  const random = seedrandom(`coverage ${count} ${truth.join()}`);
  const expected = distance(truth, KNOWN);
  let hits = 0;
  for (let sample = 0; sample < samples; sample++) {
    const { value, low, high } = estimateDistance(distance, drawCounts(random, count, truth), KNOWN);
    assert.ok(low <= value && value <= high, `${low} ≤ ${value} ≤ ${high}`);
    if (low <= expected + 1e-9 && expected <= high + 1e-9) hits += 1;
  }
  return hits / samples;
}

for (const [name, truth] of Object.entries(TRUTHS)) {
  slow(`the 95 % intervals hold the truth in about 95 % of samples from ${name}`, () => {
    for (const [kind, distance] of Object.entries({ divergence, totalVariation })) {
      // Of 40 samples 95 % less 3 standard errors is 85 %.
      const covered = coverage(distance, truth, 1000, 40);
      assert.ok(covered >= 0.84, `${kind}: ${covered}`);
    }
  });
}

test('more samples narrow the interval as their root', () => {
  const width = (count: number): number => {
    const counts = KNOWN.map((share, index) => Math.round(count * share * (index < 5 ? 1.5 : 0.5)));
    const { low, high } = estimateDistance(divergence, counts, KNOWN);
    return high - low;
  };
  const ratio = width(1000) / width(16_000);
  assert.ok(ratio > 3 && ratio < 5.3, `ratio ${ratio}`);
});

test('refuses what it cannot use, saying what', () => {
  const labels = labelsOf(EVEN.map(() => 2));
  const good = readingOf(labels);
  assert.throws(() => labelMetrics(readingOf([1, 2, 3]), EVEN), /labelMetrics: got 3 images; it takes 10 at least/);
  assert.throws(() => labelMetrics(good, [1, 2]), /got 2 real counts; it takes 10 counts above 0/);
  const without = EVEN.with(7, 0);
  assert.throws(() => labelMetrics(good, without), /got 0 real images of class 7/);
  assert.throws(() => labelMetrics(good, EVEN.with(3, NaN)), /got NaN real images of class 3/);
  const nan = { ...good, probabilities: good.probabilities.with(42, NaN) };
  assert.throws(() => labelMetrics(nan, EVEN), /labelMetrics: image 4 has a probability of NaN/);
  const other = { ...good, labels: good.labels.slice(1) };
  assert.throws(() => labelMetrics(other, EVEN), /got 19 labels, 200 probabilities and 20 features of 20 images/);
});

test.run();
