import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededArray } from '../support/random.js';
import * as reference from './ops.js';
import { type Array64, array64 } from './ops.js';

const { assertClose, centralDifferences, mul, sum } = reference;
const values = (x: Array64) => [...x.data];
const X = array64([5], [-2, -0.5, 0, 0.5, 2]);

test('exact values', () => {
  assert.equal(values(reference.neg(X)), [2, 0.5, -0, -0.5, -2]);
  assert.equal(values(reference.abs(X)), [2, 0.5, 0, 0.5, 2]);
  assert.equal(values(reference.square(X)), [4, 0.25, 0, 0.25, 4]);
  assert.equal(values(reference.sqrt(array64([3], [0, 4, 9]))), [0, 2, 3]);
  assert.equal(values(reference.reciprocal(array64([2], [4, -0.5]))), [0.25, -2]);
  assert.equal(values(reference.exp(array64([2], [0, 1]))), [1, Math.E]);
  assert.equal(values(reference.log(array64([2], [1, Math.E]))), [0, 1]);
  assert.equal(values(reference.addScalar(X, 1)), [-1, 0.5, 1, 1.5, 3]);
  assert.equal(values(reference.scale(X, -2)), [4, 1, -0, -1, -4]);
  assert.equal(values(reference.relu(X)), [0, 0, 0, 0.5, 2]);
  assert.equal(values(reference.leakyRelu(X)), [-0.4, -0.1, 0, 0.5, 2]);
  assert.equal(values(reference.leakyRelu(X, 0.5)), [-1, -0.25, 0, 0.5, 2]);
});

test('sigmoid, tanh and softplus, to the last digits and far out', () => {
  // σ(ln 3) = 3/4; tanh(ln 2) = 3/5; softplus(0) = ln 2.
  const near = [Math.log(3), -Math.log(3), 0];
  assertClose(reference.sigmoid(array64([3], near)).data, [0.75, 0.25, 0.5], 1e-15, 'sigmoid');
  assertClose(reference.tanh(array64([1], [Math.LN2])).data, [0.6], 1e-15, 'tanh');
  assertClose(reference.softplus(array64([2], [0, -Math.log(3)])).data, [Math.LN2, Math.log(4 / 3)], 1e-15, 'softplus');
  const far = array64([2], [-1000, 1000]);
  assert.equal(values(reference.sigmoid(far)), [0, 1]);
  assert.equal(values(reference.tanh(far)), [-1, 1]);
  assert.equal(values(reference.softplus(far)), [0, 1000]);
});

test('NaN stays NaN through the rectifiers', () => {
  for (const f of [reference.relu, reference.leakyRelu]) assert.equal(values(f(array64([1], [NaN]))), [NaN]);
});

test('softmax: [-1, 0, 1] (ONNX), rows of their own, and no overflow', () => {
  const published = [0.09003058, 0.24472848, 0.66524094]; // https://onnx.ai/onnx/operators/onnx__Softmax.html
  assertClose(reference.softmax(array64([1, 3], [-1, 0, 1])).data, published, 1e-7, 'softmax');
  // The operator page's second example: the same row, and it again at 10000.
  const large = reference.softmax(array64([2, 4], [0, 1, 2, 3, 10000, 10001, 10002, 10003]));
  const row = [0.032058604, 0.08714432, 0.23688284, 0.6439143];
  assertClose(large.data, [...row, ...row], 2e-7, 'softmax');
});

test('central differences find the derivatives in the books', () => {
  const positive = array64([4], [0.6, 0.9, 1.7, 2.5]);
  const signed = array64([4], [-1.7, -0.4, 0.6, 2.1]);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const cases: [string, (x: Array64) => Array64, (x: number) => number, Array64][] = [
    ['exp', reference.exp, Math.exp, signed],
    ['log', reference.log, (x) => 1 / x, positive],
    ['sqrt', reference.sqrt, (x) => 0.5 / Math.sqrt(x), positive],
    ['square', reference.square, (x) => 2 * x, signed],
    ['reciprocal', reference.reciprocal, (x) => -1 / (x * x), positive],
    ['abs', reference.abs, Math.sign, signed],
    ['tanh', reference.tanh, (x) => 1 - Math.tanh(x) ** 2, signed],
    ['sigmoid', reference.sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x)), signed],
    ['softplus', reference.softplus, sigmoid, signed],
    ['relu', reference.relu, (x) => (x > 0 ? 1 : 0), signed],
    ['leakyRelu', (x) => reference.leakyRelu(x), (x) => (x > 0 ? 1 : 0.2), signed],
  ];
  const weights = array64([4], [1, -2, 0.5, 3]);
  for (const [name, f, derivative, x] of cases) {
    const [gradient] = centralDifferences((input) => sum(mul(f(input), weights)), [x]);
    assertClose(gradient!.data, mul(array64([4], x.data.map(derivative)), weights).data, 1e-7, name);
  }
});

test('central differences of several inputs: matmul', () => {
  const [a, b] = [seededArray('a', [3, 4]), seededArray('b', [4, 2])];
  const dy = seededArray('dy', [3, 2]);
  const [da, db] = centralDifferences((x, y) => sum(mul(reference.matmul(x, y), dy)), [a, b]);
  assertClose(da!.data, reference.matmul(dy, b, { transposeB: true }).data, 1e-10, 'da = dy · bᵀ');
  assertClose(db!.data, reference.matmul(a, dy, { transposeA: true }).data, 1e-10, 'db = aᵀ · dy');
  assert.throws(
    () => centralDifferences((x) => x, [a]),
    /^centralDifferences: f returned \[3, 4\]; it takes an f of one value$/,
  );
});

test.run();
