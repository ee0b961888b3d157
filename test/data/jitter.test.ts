/**
 * @file Tests moved and turned images: known moves give known pixels, and the moves depend on the random numbers alone.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fillImages } from '../../src/data/batches.js';
import { createDataset, type ImageDataset } from '../../src/data/dataset.js';
import { fillJittered, type Jitter } from '../../src/data/jitter.js';

const SIDE = 6;

function datasetOf(count: number, channels: number, byteOf: (place: number) => number): ImageDataset {
  const size = { count, height: SIDE, width: SIDE, channels };
  const pixels = Uint8Array.from({ length: count * SIDE * SIDE * channels }, (_, place) => byteOf(place));
  return createDataset({ name: 'moved', ...size, pixels, labels: new Uint8Array(count) });
}

const NOISE = datasetOf(3, 2, (place) => (97 * place) % 256);
const ALL = Uint32Array.from([2, 0, 1]);

function jittered(dataset: ImageDataset, indices: Uint32Array, jitter: Jitter, random: () => number): Float32Array {
  const out = new Float32Array(indices.length * SIDE * SIDE * dataset.channels);
  fillJittered(dataset, indices, out, jitter, random);
  return out;
}

/** Draws that make the moves these shares of their limits, −1 … 1. */
const shares = (...values: number[]) => {
  let at = 0;
  return (): number => (values[at++ % values.length]! + 1) / 2;
};

test('without a move, or with limits of 0, images are those of fillImages', () => {
  const plain = new Float32Array(3 * SIDE * SIDE * 2);
  fillImages(NOISE, ALL, plain);
  assert.equal(jittered(NOISE, ALL, { shift: 2, turn: 30 }, shares(0)), plain);
  assert.equal(jittered(NOISE, ALL, { shift: 0, turn: 0 }, seedrandom('any')), plain);
});

/** Bytes of one image with one channel, from floats. */
const bytesOf = (values: Float32Array): number[] => [...values].map((value) => Math.round((value + 1) * 127.5));

/** One bright pixel. */
const dot = (x: number, y: number): ImageDataset => datasetOf(1, 1, (place) => (place === y * SIDE + x ? 200 : 0));

const ONE = Uint32Array.of(0);

test('a shift moves right and down by whole and half pixels; new pixels are black', () => {
  const at = (values: number[], x: number, y: number): number => values[y * SIDE + x]!;
  const whole = bytesOf(jittered(dot(1, 2), ONE, { shift: 2, turn: 0 }, shares(1, 0.5, 0)));
  assert.is(at(whole, 3, 3), 200);
  assert.is(
    whole.reduce((sum, value) => sum + value),
    200,
  );
  const half = bytesOf(jittered(dot(1, 2), ONE, { shift: 1, turn: 0 }, shares(0.5, 0, 0)));
  assert.equal([at(half, 1, 2), at(half, 2, 2)], [100, 100]);
  const gone = jittered(dot(0, 2), ONE, { shift: 1, turn: 0 }, shares(-1, 0, 0));
  assert.ok(gone.every((value) => value === -1));
});

test('a turn by 90° turns about the middle of the image', () => {
  const turned = bytesOf(jittered(dot(4, 2), ONE, { shift: 0, turn: 90 }, shares(0, 0, 1)));
  // (4, 2) is (1.5, −0.5) from the middle at 2.5, and goes to (0.5, 1.5) from it.
  assert.is(turned[4 * SIDE + 3], 200);
});

test('each channel keeps its brightness within the image', () => {
  const colours = datasetOf(1, 2, (place) => {
    const pixel = Math.floor(place / 2);
    return [14, 15, 20].includes(pixel) ? (place % 2 === 0 ? 200 : 50) : 0;
  });
  const random = seedrandom('brightness');
  for (let round = 0; round < 20; round++) {
    const values = jittered(colours, ONE, { shift: 1, turn: 0 }, random);
    const sums = [0, 1].map((channel) => {
      return values.filter((_, place) => place % 2 === channel).reduce((sum, value) => sum + (value + 1) * 127.5, 0);
    });
    assert.ok(Math.abs(sums[0]! - 600) < 0.01 && Math.abs(sums[1]! - 150) < 0.01, sums.join(' '));
  }
});

test('the same random numbers give the same images, others give others; three draws per image', () => {
  const limits = { shift: 2, turn: 10 };
  const first = jittered(NOISE, ALL, limits, seedrandom('a'));
  assert.equal(jittered(NOISE, ALL, limits, seedrandom('a')), first);
  assert.not.equal(jittered(NOISE, ALL, limits, seedrandom('b')), first);
  let draws = 0;
  jittered(NOISE, ALL, limits, () => (draws++, 0.5));
  assert.is(draws, 9);
  assert.ok(first.every((value) => value >= -1 && value <= 1));
});

test.run();
