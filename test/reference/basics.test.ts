import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededArray, seededInts, seededNormal } from '../support/random.js';
import * as reference from './ops.js';
import { type Array64, array64 } from './ops.js';

const { matmul, add, sub, mul, div, sum, mean, transpose, reshape, broadcastTo, concat, slice, assertClose, compare } =
  reference;

const values = (x: Array64) => [...x.data];
const A = array64([2, 3], [1, 2, 3, 4, 5, 6]);

test('array64 checks the count of values', () => {
  assert.equal(values(array64([2, 2])), [0, 0, 0, 0]);
  assert.equal(values(array64([], [3])), [3]);
  assert.throws(() => array64([2, 3], [1, 2]), /^array64: got 2 values; the shape \[2, 3\] takes 6$/);
});

test('matmul by hand, with either operand transposed', () => {
  const b = array64([3, 2], [7, 8, 9, 10, 11, 12]);
  const expected = [58, 64, 139, 154];
  assert.equal(values(matmul(A, b)), expected);
  assert.equal(values(matmul(transpose(A), b, { transposeA: true })), expected);
  assert.equal(values(matmul(A, transpose(b), { transposeB: true })), expected);
  assert.equal(values(matmul(transpose(A), transpose(b), { transposeA: true, transposeB: true })), expected);
  const bias = array64([2], [-60, 6]);
  assert.equal(values(matmul(A, b, { bias })), [-2, 70, 79, 160]);
  assert.equal(values(matmul(A, b, { bias, activation: { leakyRelu: 0.5 } })), [-1, 70, 79, 160]);
  assert.throws(() => matmul(A, A), /^matmul: got a \[2, 3\] and b \[2, 3\]; it takes a \[M, K\] and b \[K, N\]$/);
  assert.throws(() => matmul(A, b, { transposeB: true }), /b \[N, K\]/);
});

test("broadcasting by NumPy's rule", () => {
  // The documentation's example: [4, 1] and [3] give [4, 3]. https://numpy.org/doc/stable/user/basics.broadcasting.html
  const outer = add(array64([4, 1], [0, 10, 20, 30]), array64([3], [1, 2, 3]));
  assert.equal(outer.shape, [4, 3]);
  assert.equal(values(outer), [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33]);
  assert.equal(add(array64([8, 1, 6, 1]), array64([7, 1, 5])).shape, [8, 7, 6, 5]);
  assert.equal(values(sub(A, reference.scalar64(1))), [0, 1, 2, 3, 4, 5]);
  assert.equal(values(mul(A, array64([2, 1], [1, -1]))), [1, 2, 3, -4, -5, -6]);
  assert.equal(values(div(reference.scalar64(6), array64([2], [2, 3]))), [3, 2]);
  assert.throws(() => add(array64([2, 1]), array64([8, 4, 3])), /^add: got a \[2, 1\] and b \[8, 4, 3\]/);
});

test('concat and slice work on the first axis', () => {
  const a = array64([1, 2], [1, 2]);
  const b = array64([2, 2], [3, 4, 5, 6]);
  assert.equal(concat(a, b), array64([3, 2], [1, 2, 3, 4, 5, 6]));
  assert.equal(slice(concat(a, b), 1, 2), b);
  assert.throws(
    () => concat(a, array64([2, 3])),
    /^concat: got a \[1, 2\] and b \[2, 3\]; it takes shapes that differ/,
  );
  assert.throws(() => slice(b, 1, 2), /^slice: got x \[2, 2\]; it takes a range of axis 0, not 2 from 1/);
});

test('broadcastTo repeats', () => {
  assert.equal(values(broadcastTo(array64([2, 1], [1, 2]), [2, 2, 2])), [1, 1, 2, 2, 1, 1, 2, 2]);
  assert.throws(() => broadcastTo(A, [3, 3]), /^broadcastTo: got x \[2, 3\]; it takes what repeats to \[3, 3\]/);
  assert.throws(() => broadcastTo(A, [3]), /^broadcastTo/);
});

test('reshape and transpose move values', () => {
  assert.equal(reshape(A, [3, 2]), { shape: [3, 2], data: A.data });
  assert.throws(() => reshape(A, [4]), /^reshape: got x \[2, 3\]/);
  assert.equal(transpose(A), array64([3, 2], [1, 4, 2, 5, 3, 6]));
  // Output [i, j, k] is input [j, k, i]: out[2, 1, 0] = in[1, 0, 2] = 6·1 + 3·0 + 2.
  const cube = array64([2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.equal(transpose(cube, [2, 0, 1]), array64([3, 2, 2], [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]));
  assert.equal(transpose(array64([2, 3, 4, 5]), [3, 1, 0, 2]).shape, [5, 3, 2, 4]);
  assert.throws(() => transpose(A, [0, 0]), /permutation/);
});

test('transposing back by the inverse permutation', () => {
  for (let round = 0; round < 20; round++) {
    const seed = `transpose ${round}`;
    const x = seededArray(seed, seededInts(seed, 4, 1, 4));
    const keys = seededNormal(`${seed} order`, 4);
    const permutation = [0, 1, 2, 3].sort((a, b) => keys[a]! - keys[b]!);
    const inverse = [0, 1, 2, 3].map((axis) => permutation.indexOf(axis));
    assert.equal(transpose(transpose(x, permutation), inverse), x, seed);
  }
});

test('sums and means over axes', () => {
  assert.equal(sum(A), array64([], [21]));
  assert.equal(sum(A, { axes: [0] }), array64([3], [5, 7, 9]));
  assert.equal(sum(A, { axes: [-1], keepDims: true }), array64([2, 1], [6, 15]));
  assert.equal(sum(A, { axes: [] }), A);
  assert.equal(mean(A), array64([], [3.5]));
  assert.equal(mean(A, { axes: [1] }), array64([2], [2, 5]));
  assert.equal(mean(A, { keepDims: true }), array64([1, 1], [3.5]));
  const cube = array64([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(sum(cube, { axes: [0, 2] }), array64([2], [14, 22]));
  assert.throws(() => sum(A, { axes: [2] }), /^sum: got x \[2, 3\]; it takes distinct axes from -2 to 1, not \[2\]$/);
  assert.throws(() => mean(A, { axes: [1, -1] }), /^mean/);
});

test('sum and broadcastTo are adjoint', () => {
  for (let round = 0; round < 20; round++) {
    const seed = `broadcast ${round}`;
    const full = seededInts(seed, 3, 1, 4);
    const small = full.map((length, axis) => (seededInts(`${seed} ${axis}`, 1, 0, 1)[0] === 0 ? 1 : length));
    const axes = [0, 1, 2].filter((axis) => small[axis] === 1);
    const [x, y] = [seededArray(`${seed} x`, small), seededArray(`${seed} y`, full)];
    const left = sum(mul(broadcastTo(x, full), y));
    const right = sum(mul(x, sum(y, { axes, keepDims: true })));
    assert.ok(Math.abs(left.data[0]! - right.data[0]!) < 1e-12, seed);
  }
});

test('compare measures by the largest expected value, and takes no NaN', () => {
  assert.equal(compare([1, 10.5], [1.25, 10]), { maxAbsolute: 0.5, maxRelativeToScale: 0.05, worstIndex: 1 });
  assert.is(compare([1, 2], [1, 2]).maxRelativeToScale, 0);
  assert.is(compare([0], [0]).maxRelativeToScale, 0);
  assert.is(compare([1e-9], [0]).maxRelativeToScale, Infinity);
  for (const [actual, expected] of [
    [NaN, 1],
    [1, NaN],
    [NaN, NaN],
    [Infinity, 1],
    [1, -Infinity],
  ] as const)
    assert.is(compare([0, actual], [5, expected]).maxRelativeToScale, Infinity, `${actual} for ${expected}`);
  assert.is(compare([Infinity], [Infinity]).maxAbsolute, 0);
  assert.throws(() => compare([1], [1, 2]), /1 values; 2 were expected/);
  assert.throws(
    () => assertClose([1, 2], [1, 2.5], 0.1, 'case 7'),
    /^case 7: off by 5.00e-1, .* at 1: 2, expected 2.5/,
  );
  assertClose([1, 2], [1, 2.5], 0.2, 'case 7');
});

test('seeded values repeat, are float32 and look normal', () => {
  const draw = seededNormal('a', 20_000);
  assert.equal(draw, seededNormal('a', 20_000));
  assert.not.equal(draw, seededNormal('b', 20_000));
  assert.ok(draw.every((value) => value === Math.fround(value)));
  const average = draw.reduce((total, value) => total + value, 0) / draw.length;
  const variance = draw.reduce((total, value) => total + value * value, 0) / draw.length;
  assert.ok(Math.abs(average) < 0.03 && Math.abs(variance - 1) < 0.05, `mean ${average}, variance ${variance}`);
  assert.equal([...new Set(seededInts('c', 200, -1, 2))].sort(), [-1, 0, 1, 2]);
});

test.run();
