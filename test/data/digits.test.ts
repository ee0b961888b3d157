import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsDataset, DigitSource } from '../../src/data/digits/digits.js';
import { SKELETONS } from '../../src/data/digits/skeletons.js';
import { loadMnist } from '../../src/datasets/mnist.js';

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
    'e5c1c130c2ff6e62607e87905b5230e7144f6bf3bc0ddccebfbe477d60b2599d',
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

test('a set with a later first index is the rest of the same set', () => {
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

test('white ink on black, about as much as in MNIST', () => {
  let ink = 0;
  for (let index = 0; index < digits.count; index++) {
    const image = imageAt(index);
    const mean = image.reduce((sum, value) => sum + value, 0) / SIZE / 255;
    const what = `image ${index}, a ${digits.labels[index]}`;
    assert.ok(mean > 0.015 && mean < 0.4, `${what}: mean ink ${mean}`);
    assert.ok(Math.max(...image) > 150, `${what}: too faint`);
    ink += mean / digits.count;
  }
  assert.ok(ink > 0.115 && ink < 0.15, `mean ink ${ink}, MNIST has 0.131`);
});

test('framed as MNIST: 20 pixels long, the centre of mass on pixel (14, 14), seldom at the border', () => {
  let [moved, atBorder] = [0, 0];
  for (let index = 0; index < digits.count; index++) {
    const image = imageAt(index);
    const [rows, columns] = [new Float64Array(28), new Float64Array(28)];
    image.forEach((value, pixel) => {
      rows[Math.floor(pixel / 28)]! += value;
      columns[pixel % 28]! += value;
    });
    const what = `image ${index}, a ${digits.labels[index]}`;
    assert.is(Math.max(extent(rows), extent(columns)), 20, what);
    const off = Math.max(Math.abs(centre(rows) - 14), Math.abs(centre(columns) - 14));
    if (off > 0.5) moved++;
    assert.ok(off < 1.5, `${what}: off centre by ${off}`);
    if (Math.max(rows[0]!, rows[27]!, columns[0]!, columns[27]!) > 0) atBorder++;
  }
  // Nothing may be cut off, so the heaviest stay off centre; of MNIST's own images 1.4 % touch the border.
  assert.ok(moved < digits.count / 500, `${moved} off centre`);
  assert.ok(atBorder < digits.count / 40, `${atBorder} at the border`);
});

/** From the first row or column with ink to the last. */
function extent(sums: Float64Array): number {
  const inked = [...sums.keys()].filter((at) => sums[at]! > 0);
  return (inked.at(-1) ?? NaN) - (inked[0] ?? NaN) + 1;
}

function centre(sums: Float64Array): number {
  const mass = sums.reduce((total, value) => total + value, 0);
  return sums.reduce((total, value, at) => total + value * at, 0) / mass;
}

test('the corners of a way to write a digit are alike, point for point', () => {
  assert.is(SKELETONS.length, 10);
  SKELETONS.forEach((ways, digit) => {
    for (const { corners } of ways) {
      const plans = corners.map((strokes) => {
        return strokes.map((stroke) => stroke.map(({ sharp }) => (sharp ? '!' : '.')).join('')).join('|');
      });
      assert.is(new Set(plans).size, 1, `a ${digit}: ${plans.join(' and ')}`);
      for (const { x, y } of corners.flat(2)) {
        assert.ok(x > -0.1 && x < 1.15 && y > -0.1 && y < 1.1, `a ${digit}: point ${x} ${y}`);
      }
    }
  });
});

test('an invalid count is refused', () => {
  for (const count of [0, -1, 1.5, NaN]) assert.throws(() => digitsDataset({ seed: 's', count }), /positive integer/);
});

test('drawing reports its progress, from 0 to all', () => {
  const told: string[] = [];
  const progress = (done: number, total: number): void => void told.push(`${done}/${total}`);
  digitsDataset({ seed: 'progress', count: 2500, progress });
  assert.equal(told, ['0/2500', '1000/2500', '2000/2500', '2500/2500']);
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
