import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededArray, seededInts } from '../support/random.js';
import * as reference from './ops.js';
import { type Array64, array64 } from './ops.js';

const { assertClose, centralDifferences, downsampleSum2x, maxPool2d, maxPool2dGradient, mul, sum, upsample2x } =
  reference;
const values = (x: Array64) => [...x.data];
const dot = (a: Array64, b: Array64) => sum(mul(a, b)).data[0]!;

test('upsample2x and downsampleSum2x by hand, two channels', () => {
  const x = array64([1, 1, 2, 2], [1, -1, 2, -2]);
  const y = upsample2x(x);
  assert.equal(y.shape, [1, 2, 4, 2]);
  assert.equal(values(y), [1, -1, 1, -1, 2, -2, 2, -2, 1, -1, 1, -1, 2, -2, 2, -2]);
  assert.equal(downsampleSum2x(y), array64([1, 1, 2, 2], [4, -4, 8, -8]));
  assert.throws(() => downsampleSum2x(array64([1, 3, 4, 1])), /^downsampleSum2x: got x \[1, 3, 4, 1\]/);
});

test('they are adjoint', () => {
  for (let round = 0; round < 20; round++) {
    const seed = `upsample ${round}`;
    const x = seededArray(`${seed} x`, seededInts(seed, 4, 1, 4));
    const y = seededArray(`${seed} y`, upsample2x(x).shape);
    assert.ok(Math.abs(dot(upsample2x(x), y) - dot(x, downsampleSum2x(y))) < 1e-12, seed);
  }
});

test('maxPool2d: 5×5 counting up (ONNX)', () => {
  // https://onnx.ai/onnx/operators/onnx__MaxPool.html: kernel 2, stride 2; the last row and column are dropped.
  const x = array64(
    [1, 5, 5, 1],
    Array.from({ length: 25 }, (_, i) => i + 1),
  );
  assert.equal(maxPool2d(x), array64([1, 2, 2, 1], [7, 9, 17, 19]));
  assert.equal(maxPool2d(x, { size: 3 }), array64([1, 1, 1, 1], [13]));
  assert.equal(maxPool2d(x, { size: 3, stride: 2 }), array64([1, 2, 2, 1], [13, 15, 23, 25]));
  assert.equal(maxPool2d(x, { size: 1, stride: 4 }), array64([1, 2, 2, 1], [1, 5, 21, 25]));
  assert.throws(() => maxPool2d(x, { size: 6 }), /^maxPool2d: got x \[1, 5, 5, 1\]/);
});

test('maxPool2d keeps channels apart', () => {
  assert.equal(values(maxPool2d(array64([1, 2, 2, 2], [1, 40, 2, 30, 3, 20, 4, 10]))), [4, 40]);
});

test('of equal values the first in row-major order gets the gradient', () => {
  const x = array64([1, 2, 4, 1], [0, 7, 5, 5, 7, 7, 5, 5]);
  assert.equal(values(maxPool2dGradient(x, array64([1, 1, 2, 1], [1, 2]))), [0, 1, 2, 0, 0, 0, 0, 0]);
});

test('gradients add up where windows overlap, and are those of central differences', () => {
  for (const options of [{}, { size: 3, stride: 1 }, { size: 3, stride: 2 }, { size: 2, stride: 3 }]) {
    const what = JSON.stringify(options);
    const x = seededArray(what, [2, 6, 5, 2]);
    const dy = seededArray('dy', maxPool2d(x, options).shape);
    const [dx] = centralDifferences((input) => sum(mul(maxPool2d(input, options), dy)), [x]);
    assertClose(maxPool2dGradient(x, dy, options).data, dx!.data, 1e-9, what);
  }
});

test.run();
