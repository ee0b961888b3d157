/**
 * @file MS-SSIM on the GPU against float64, closed forms, and invariances.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { meanSimilarity, SCALES, similarities, STABILISERS } from '../../../src/evaluation/modes/similarity.js';
import { msssim } from '../../reference/msssim.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const SIZE = 784;

/** Digits as the metrics take them, in [−1, 1]. */
const digits = Float32Array.from(digitsDataset({ seed: 'similarity', count: 40 }).pixels, (byte) => byte / 127.5 - 1);

const noise = Float32Array.from(seededNormal('noise', 20 * SIZE), (value) => Math.tanh(value));

const flat = (value: number): Float32Array => new Float32Array(SIZE).fill(value);

function expectedOf(first: Float32Array, second: Float32Array): number[] {
  const grey = (images: Float32Array, image: number) => {
    return { side: 28, pixels: Array.from(images.subarray(image * SIZE, (image + 1) * SIZE), (x) => (x + 1) / 2) };
  };
  return Array.from({ length: first.length / SIZE }, (_, image) => {
    return msssim(grey(first, image), grey(second, image), SCALES);
  });
}

test('pairs of digits, of noise, and of both agree with float64', async () => {
  const half = 20 * SIZE;
  const [one, other] = [digits.subarray(0, half), digits.subarray(half)];
  for (const [first, second] of [
    [one, other],
    [noise, one],
    [one, one.map((value, at) => Math.max(-1, Math.min(1, value + 0.1 * noise[at]!)))],
  ] as const) {
    const actual = await similarities(engine, { first, second });
    expectedOf(first, second).forEach((value, pair) => {
      assert.ok(Math.abs(actual[pair]! - value) < 1e-4, `pair ${pair}: got ${actual[pair]!}, expected ${value}`);
    });
  }
});

test('1 for an image and itself, the same both ways round, whatever pairs it is among', async () => {
  const same = await similarities(engine, { first: digits, second: digits });
  assert.ok(same.every((value) => Math.abs(value - 1) < 1e-6));
  const [one, other] = [digits.subarray(0, 7 * SIZE), digits.subarray(9 * SIZE, 16 * SIZE)];
  const there = await similarities(engine, { first: one, second: other });
  const back = await similarities(engine, { first: other, second: one });
  there.forEach((value, pair) => assert.ok(Math.abs(value - back[pair]!) < 1e-6, `pair ${pair}`));
  const alone = await similarities(engine, { first: one.subarray(0, SIZE), second: other.subarray(0, SIZE) });
  assert.ok(Math.abs(alone[0]! - there[0]!) < 1e-6);
});

test('flat images: the luminance of the last scale to its power, since nothing else differs', async () => {
  const [a, b] = [0.25, 0.75];
  const [value = NaN] = await similarities(engine, { first: flat(2 * a - 1), second: flat(2 * b - 1) });
  const luminance = (2 * a * b + STABILISERS.luminance) / (a * a + b * b + STABILISERS.luminance);
  const expected = luminance ** (0.3001 / (0.0448 + 0.2856 + 0.3001));
  assert.ok(Math.abs(value - expected) < 1e-5, `got ${value}, expected ${expected}`);
});

test('an image and its negative go against one another: 0', async () => {
  const first = noise.subarray(0, SIZE);
  const [value] = await similarities(engine, { first, second: first.map((x) => -x) });
  assert.is(value, 0);
});

test('the mean over pairs: 1 of one picture, by the seed alone, more than a batch', async () => {
  const one = digits.subarray(0, SIZE);
  const repeated = Float32Array.from({ length: 30 * SIZE }, (_, at) => one[at % SIZE]!);
  const options = { pairs: 150, seed: 'a' };
  assert.ok(Math.abs((await meanSimilarity(engine, repeated, options)) - 1) < 1e-6);
  const mean = await meanSimilarity(engine, digits, options);
  assert.is(await meanSimilarity(engine, digits, options), mean);
  assert.is.not(await meanSimilarity(engine, digits, { ...options, seed: 'b' }), mean);
  assert.ok(mean > 0 && mean < 0.7, `mean ${mean}`);
});

test('nothing is left behind', async () => {
  await meanSimilarity(engine, digits, { pairs: 10, seed: 'a' });
  const { bytes } = device.pool;
  await meanSimilarity(engine, digits, { pairs: 10, seed: 'a' });
  assert.is(device.pool.bytes, bytes);
});

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (error: unknown) => String(error),
  );
}

test('refuses what it cannot use, saying what', async () => {
  const options = { pairs: 10, seed: 'a' };
  const one = digits.subarray(0, SIZE);
  assert.match(await refusal(meanSimilarity(engine, one, options)), /meanSimilarity: got 784 numbers; .* 2 at least/);
  assert.match(await refusal(meanSimilarity(engine, digits.with(SIZE, NaN), options)), /image 1 holds NaN/);
  assert.match(await refusal(meanSimilarity(engine, digits, { ...options, pairs: 0 })), /got 0 pairs/);
  assert.match(await refusal(similarities(engine, { first: one, second: digits })), /got 1 images and 40/);
});

test.run();
