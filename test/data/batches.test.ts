import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Batches, fillImages } from '../../src/data/batches.js';
import { createDataset } from '../../src/data/dataset.js';

function firstIndices(batches: Batches, length: number): number[] {
  const indices: number[] = [];
  for (let iteration = 0; indices.length < length; iteration++) indices.push(...batches.batchAt(iteration));
  return indices.slice(0, length);
}

const ascending = (count: number) => Array.from({ length: count }, (_, index) => index);

test('every epoch sees every index once, in a fresh order, also where batches straddle epochs', () => {
  for (const batchSize of [1, 7, 10, 32, 250]) {
    const indices = firstIndices(new Batches(100, batchSize, 'a seed'), 300);
    const epochs = [0, 100, 200].map((start) => indices.slice(start, start + 100));
    for (const epoch of epochs)
      assert.equal(
        epoch.toSorted((a, b) => a - b),
        ascending(100),
      );
    assert.not.equal(epochs[0], ascending(100));
    assert.not.equal(epochs[0], epochs[1]);
    assert.not.equal(epochs[1], epochs[2]);
  }
});

test('the seed determines the order, for each batch size', () => {
  const order = firstIndices(new Batches(50, 8, 'one'), 200);
  assert.equal(firstIndices(new Batches(50, 8, 'one'), 200), order);
  assert.equal(firstIndices(new Batches(50, 16, 'one'), 200), order);
  assert.not.equal(firstIndices(new Batches(50, 8, 'two'), 200), order);
});

test('a batch does not depend on those read before it: a resumed run sees the same batches', () => {
  const sequential = new Batches(23, 5, 's');
  const expected = ascending(40).map((iteration) => sequential.batchAt(iteration));
  for (const iteration of [39, 0, 17, 4, 5, 38]) {
    assert.equal(new Batches(23, 5, 's').batchAt(iteration), expected[iteration]);
    assert.equal(sequential.batchAt(iteration), expected[iteration]);
  }
  const resumed = new Batches(23, 5, 's').from(12);
  for (const iteration of [12, 13, 14]) assert.equal(resumed.next().value, expected[iteration]);
  assert.is(new Batches(60_000, 32, 's').batchAt(1e9).length, 32);
});

test('a caller may change a batch', () => {
  const batches = new Batches(10, 4, 's');
  const before = Array.from(batches.batchAt(0));
  batches.batchAt(0).fill(0);
  assert.equal(Array.from(batches.batchAt(0)), before);
});

test('the shuffle favours no position', () => {
  const epochs = 4000;
  const batches = new Batches(6, 6, 'fair');
  const counts = new Array<number>(36).fill(0);
  for (let epoch = 0; epoch < epochs; epoch++) {
    batches.batchAt(epoch).forEach((index, position) => counts[position * 6 + index]!++);
  }
  // A cell is binomial with standard deviation 23.6: five of them either way.
  for (const count of counts) assert.ok(Math.abs(count - epochs / 6) < 118, `a cell has ${count} of ${epochs / 6}`);
});

test('invalid sizes and iterations are refused', () => {
  assert.throws(() => new Batches(0, 4, 's'), /count.*got 0/);
  assert.throws(() => new Batches(10, 2.5, 's'), /batch size.*got 2.5/);
  const batches = new Batches(10, 4, 's');
  for (const iteration of [-1, 0.5, NaN, Infinity, 2 ** 53])
    assert.throws(() => batches.batchAt(iteration), /iteration/);
});

const dataset = createDataset({
  name: 'three',
  count: 3,
  height: 1,
  width: 2,
  channels: 1,
  pixels: new Uint8Array([0, 255, 51, 204, 102, 153]),
  labels: new Uint8Array([0, 1, 2]),
});

test('images are scaled to [-1, 1], in the requested order', () => {
  const out = new Float32Array(7).fill(9);
  fillImages(dataset, [2, 0, 0], out);
  const expected = [102 / 127.5 - 1, 153 / 127.5 - 1, -1, 1, -1, 1, 9].map(Math.fround);
  assert.equal(Array.from(out), expected);
});

test('an index outside the dataset and a buffer too short are refused', () => {
  assert.throws(() => fillImages(dataset, [3], new Float32Array(2)), /three has images 0 … 2, got index 3/);
  assert.throws(() => fillImages(dataset, [0, 1], new Float32Array(3)), /floats up to 4, out has 3/);
});

test('a dataset whose bytes do not follow from its shape is refused', () => {
  assert.throws(() => createDataset({ ...dataset, width: 3 }), /3×1×3×1 takes 9 pixel bytes, got 6/);
  assert.throws(() => createDataset({ ...dataset, labels: new Uint8Array(2) }), /3 labels, got 2/);
});

test.run();
