import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as reference from './ops.js';
import { array64, assertClose } from './ops.js';

const { layerNorm, spectralNorm, spectralNormalise, powerIteration, minibatchStddev, packImages } = reference;
const values = (x: reference.Array64) => [...x.data];

test('layerNorm by hand: each image by its own statistics, γ and β by channel', () => {
  // The first image has mean 2.5 and variance 1.25, the second no variance at all.
  const x = array64([2, 2, 2], [1, 2, 3, 4, 7, 7, 7, 7]);
  const y = layerNorm(x, array64([2], [1, 10]), array64([2], [0, 5]), { epsilon: 0.01 });
  const unit = Math.sqrt(1.26);
  const first = [-1.5 / unit, 5 - 5 / unit, 0.5 / unit, 5 + 15 / unit];
  assertClose(y.data, [...first, 0, 5, 0, 5], 1e-12, 'layerNorm');
  const rectified = layerNorm(x, array64([2], [1, 10]), array64([2]), { epsilon: 0.01, activation: 'relu' });
  assertClose(rectified.data, [0, 0, 0.5 / unit, 15 / unit, 0, 0, 0, 0], 1e-12, 'relu');
  assert.throws(
    () => layerNorm(x, array64([3]), array64([2]), { epsilon: 0 }),
    /^layerNorm: got x \[2, 2, 2\].* gamma \[3\]/,
  );
});

test('the spectral norm of a weight whose singular values can be seen', () => {
  // [inputs, units]: unit 0 is 3 times input 1, unit 1 is 5 times input 0.
  const weight = array64([2, 2], [0, 5, 3, 0]);
  let u = array64([2], [0.8, 0.6]);
  let v = u;
  for (let iteration = 0; iteration < 40; iteration++) ({ u, v } = powerIteration(weight, u));
  assertClose(u.data, [0, 1], 1e-12, 'u');
  assertClose(v.data, [1, 0], 1e-12, 'v');
  assertClose(spectralNorm(weight, { u, v }).data, [5], 1e-12, 'σ');
  assertClose(spectralNormalise(weight, { u, v }).data, [0, 1, 0.6, 0], 1e-12, 'W / σ');
  // The same weight with its units on the first axis: u and v change places.
  assertClose(spectralNorm(weight, { u: v, v: u, axis: 0 }).data, [5], 1e-12, 'units first');
});

test('units on an axis in the middle, as a transposed convolution has them', () => {
  const weight = array64([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const v = array64([6], [1, 0, 0, 0, 0, 2]);
  // Unit 0 reads 1, 2, 3, 7, 8, 9 and unit 1 reads 4, 5, 6, 10, 11, 12.
  const sigma = spectralNorm(weight, { u: array64([2], [1, 10]), v, axis: 1 });
  assert.equal(values(sigma), [1 + 18 + 10 * (4 + 24)]);
});

test('the deviation of a batch, by hand, of each group by itself', () => {
  // Deviations of the first pair: 1 and 2; of the second: 0 and 4.
  const x = array64([4, 2], [1, 0, 3, 4, 5, 0, 5, 8]);
  const y = minibatchStddev(x, { groups: 2 });
  assertClose(y.data, [1, 0, 1.5, 3, 4, 1.5, 5, 0, 2.00005, 5, 8, 2.00005], 1e-8, 'two groups');
  const alone = minibatchStddev(array64([2, 2], [1, 0, 3, 4]));
  assertClose(alone.data, [1, 0, 1.5, 3, 4, 1.5], 1e-8, 'one');
});

test('packs and channels by hand', () => {
  const x = array64([4, 1, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(packImages(x, 2), array64([2, 1, 2, 2], [1, 3, 2, 4, 5, 7, 6, 8]));
  assert.equal(packImages(x, 4), array64([1, 1, 2, 4], [1, 3, 5, 7, 2, 4, 6, 8]));
  const joined = reference.concat(array64([2, 1], [1, 4]), array64([2, 2], [2, 3, 5, 6]), -1);
  assert.equal(joined, array64([2, 3], [1, 2, 3, 4, 5, 6]));
  assert.equal(reference.slice(joined, 1, 2, 1), array64([2, 2], [2, 3, 5, 6]));
  assert.throws(() => reference.concat(joined, array64([3, 1]), 1), /^concat: got a \[2, 3\] and b \[3, 1\]/);
});

test.run();
