import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsDataset, DigitSource } from '../../src/data/digits/digits.js';
import { loadMnist } from '../../src/data/mnist.js';

const SIZE = 28 * 28;
const digits = digitsDataset({ seed: 'test', count: 3000 });

function imageAt(index: number): Uint8Array {
  return digits.pixels.subarray(index * SIZE, (index + 1) * SIZE);
}

test('28 × 28 in one channel, ten classes in exact balance', () => {
  assert.equal([digits.count, digits.height, digits.width, digits.channels], [3000, 28, 28, 1]);
  const counts = new Array<number>(10).fill(0);
  for (const label of digits.labels) counts[label]!++;
  assert.equal(counts, new Array<number>(10).fill(300));
});

test('classes come in no fixed order', () => {
  const tens = [0, 10, 20].map((start) => digits.labels.slice(start, start + 10).join());
  assert.is(new Set(tens).size, 3);
});

test('the same seed gives the same images, another seed others', () => {
  assert.is(digitsDataset({ seed: 'test', count: 3000 }).sha256, digits.sha256);
  assert.is.not(digitsDataset({ seed: 'other', count: 3000 }).sha256, digits.sha256);
});

test('the images of a seed are the same on every machine and in every version', () => {
  // A change here changes every run ever made with the built-in digits: change it knowingly.
  assert.is(
    digitsDataset({ seed: 'pinned', count: 200 }).sha256,
    '5489e9166adddb615e50aa55994e411f0d676a5ef892aa5d94efb1bf0957ef1c',
  );
});

test('an image depends on its index alone: not on the count, nor on what was drawn before', () => {
  assert.equal(digitsDataset({ seed: 'test', count: 25 }).pixels, digits.pixels.slice(0, 25 * SIZE));
  const source = new DigitSource('test');
  const out = new Uint8Array(SIZE);
  for (const index of [2999, 17, 1234]) {
    assert.is(source.draw(index, out), digits.labels[index]);
    assert.equal(out, imageAt(index).slice());
  }
});

test('a set that starts further on is the same set from there', () => {
  const later = digitsDataset({ seed: 'test', count: 20, first: 2980, name: 'digits/test' });
  assert.equal(later.pixels, digits.pixels.slice(2980 * SIZE));
  assert.equal(later.labels, digits.labels.slice(2980));
  assert.equal([digits.name, later.name], ['digits', 'digits/test']);
  assert.throws(() => digitsDataset({ seed: 's', count: 1, first: -1 }), /first index.*got -1/);
});

test('the set has no end: indices past 2^32 still give images of their own', () => {
  const source = new DigitSource('test');
  const near = new Uint8Array(SIZE);
  const far = new Uint8Array(SIZE);
  source.draw(5, near);
  source.draw(5 + 2 ** 32, far);
  assert.not.equal(near, far);
});

test('no two images are alike', () => {
  const seen = new Set(Array.from({ length: digits.count }, (_, index) => imageAt(index).join()));
  assert.is(seen.size, digits.count);
});

test('white ink on black, about as much as in MNIST, clear of the border and centred by mass', () => {
  let ink = 0;
  for (let index = 0; index < digits.count; index++) {
    const image = imageAt(index);
    let [mass, massX, massY, border] = [0, 0, 0, 0];
    image.forEach((value, pixel) => {
      const [x, y] = [pixel % 28, Math.floor(pixel / 28)];
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
      if (x === 0 || x === 27 || y === 0 || y === 27) border += value;
    });
    const mean = mass / SIZE / 255;
    const what = `image ${index}, a ${digits.labels[index]}`;
    assert.ok(mean > 0.015 && mean < 0.4, `${what}: mean ink ${mean}`);
    assert.ok(Math.max(...image) > 150, `${what}: too faint`);
    assert.ok(border < 255, `${what}: ink at the border`);
    assert.ok(Math.hypot(massX / mass - 14, massY / mass - 14) < 2.5, `${what}: off centre`);
    ink += mean / digits.count;
  }
  assert.ok(ink > 0.115 && ink < 0.15, `mean ink ${ink}, MNIST has 0.131`);
});

test('a count that makes no sense is refused', () => {
  for (const count of [0, -1, 1.5, NaN]) assert.throws(() => digitsDataset({ seed: 's', count }), /positive integer/);
});

const realFolder = process.env.MNIST_DIR;
if (realFolder === undefined) {
  console.log('SKIPPED likeness to real MNIST: set MNIST_DIR to the folder that holds it');
} else {
  test('the nearest real digit has the same label nearly as often as for a real one', async () => {
    const mnist = await loadMnist(realFolder, 'train');
    const queries = 200;
    let agreed = 0;
    for (let index = 0; index < queries; index++) {
      if (nearestLabel(imageAt(index), mnist.pixels, mnist.labels, 4000) === digits.labels[index]) agreed++;
    }
    // MNIST's own test images reach about 0.9 against so few.
    assert.ok(agreed / queries > 0.8, `agreement ${agreed / queries}`);
  });
}

function nearestLabel(image: Uint8Array, pixels: Uint8Array, labels: Uint8Array, among: number): number {
  let [nearest, label] = [Infinity, -1];
  for (let candidate = 0; candidate < among; candidate++) {
    let distance = 0;
    for (let i = 0; i < SIZE && distance < nearest; i++) {
      const difference = image[i]! - pixels[candidate * SIZE + i]!;
      distance += difference * difference;
    }
    if (distance < nearest) [nearest, label] = [distance, labels[candidate]!];
  }
  return label;
}

test.run();
