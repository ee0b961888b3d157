/**
 * @file Tests stacked images: each channel is an image of the source, the label encodes the digits, and the seed determines both.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fillImages } from '../../src/data/batches.js';
import { createDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { STACKED_COUNT, stackedLabel, stackedMnist } from '../../src/data/stackedMnist.js';

const digits = digitsDataset({ seed: 'stacked', count: 200 });

/** Each image as text. */
const known = new Map(Array.from({ length: digits.count }, (_, index) => [digits.bytesOf(index).join(), index]));

/** The source's image in a channel of one that is stacked. */
function channelOf(bytes: Uint8Array, channel: number): Uint8Array {
  return Uint8Array.from({ length: 784 }, (_, pixel) => bytes[3 * pixel + channel]!);
}

test('each channel is an image of the source, and the label encodes the three digits', () => {
  const stacked = stackedMnist(digits, { seed: 'a', count: 500 });
  assert.equal([stacked.name, stacked.count, stacked.channels], ['stacked-digits', 500, 3]);
  for (let index = 0; index < stacked.count; index++) {
    const bytes = stacked.bytesOf(index);
    assert.is(bytes.length, 2352);
    const found = [0, 1, 2].map((channel) => known.get(channelOf(bytes, channel).join()));
    const [red, green, blue] = found.map((image) => digits.labels[image ?? -1] ?? NaN) as [number, number, number];
    assert.is(stacked.labels[index], 100 * red + 10 * green + blue, `image ${index}`);
    assert.is(stacked.labels[index], stackedLabel(red, green, blue));
  }
});

test('fillImages combines them, scaled to [−1, 1], in the requested order', () => {
  const stacked = stackedMnist(digits, { seed: 'a', count: 5 });
  const out = new Float32Array(2 * 2352);
  fillImages(stacked, [3, 1], out);
  const expected = [3, 1].flatMap((index) =>
    Array.from(stacked.bytesOf(index), (byte) => Math.fround(byte / 127.5 - 1)),
  );
  assert.equal(Array.from(out), expected);
});

test('seed and source determine images and hash; a shorter set is the start of a longer one', () => {
  const one = stackedMnist(digits, { seed: 'a', count: 50 });
  const same = stackedMnist(digits, { seed: 'a', count: 50 });
  assert.is(one.sha256, same.sha256);
  assert.match(one.sha256, /^[0-9a-f]{64}$/);
  assert.equal(one.bytesOf(49), same.bytesOf(49));
  const others = [
    stackedMnist(digits, { seed: 'b', count: 50 }),
    stackedMnist(digits, { seed: 'a', count: 51 }),
    stackedMnist(digitsDataset({ seed: 'other', count: 200 }), { seed: 'a', count: 50 }),
  ];
  for (const other of others) assert.is.not(other.sha256, one.sha256);
  assert.equal(others[1]?.bytesOf(49), one.bytesOf(49));
  assert.not.equal(others[0]?.labels, one.labels);
});

test('PacGAN’s number of images has all 1,000 classes, as often as expected by chance', () => {
  const { count, labels } = stackedMnist(digits, { seed: 'all' });
  assert.is(count, STACKED_COUNT);
  const counts = new Uint32Array(1000);
  for (const label of labels) counts[label]!++;
  // The source has each digit equally often: a count is binomial with mean 128 and standard deviation 11.3.
  for (const [label, found] of counts.entries()) assert.ok(Math.abs(found - 128) < 60, `${found} images of ${label}`);
});

test('a label encodes three digits in order', () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)), ([red, green, blue]) => {
      assert.is(stackedLabel(red, green, blue).toString().padStart(3, '0'), `${red}${green}${blue}`);
    }),
  );
});

test('other sources and counts are refused', () => {
  const stacked = stackedMnist(digits, { seed: 'a', count: 5 });
  assert.throws(() => stackedMnist(stacked, { seed: 'a' }), /stacked-digits has 3 channels; it stacks images of one/);
  const odd = createDataset({ ...digits, name: 'odd', labels: digits.labels.map((label) => label + 5) });
  assert.throws(() => stackedMnist(odd, { seed: 'a' }), /image \d+ of odd has label 1\d, not 0 to 9/);
  for (const count of [0, 1.5, NaN]) assert.throws(() => stackedMnist(digits, { seed: 'a', count }), /count.*got/);
});

test.run();
