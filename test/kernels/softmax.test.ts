import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bceWithLogits, bceWithLogitsGradient, softmax, softmaxCrossEntropy } from '../../src/kernels/softmax.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, map64 } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray, seededInts } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const EPSILON = 2 ** -23;

function oneHot(seed: string, rows: number, columns: number): Array64 {
  const result = array64([rows, columns]);
  seededInts(seed, rows, 0, columns - 1).forEach((label, row) => (result.data[row * columns + label] = 1));
  return result;
}

async function crossEntropy(logits: Array64, targets: Array64): Promise<number> {
  const [rows = 1, columns = 1] = logits.shape;
  const loss = softmaxCrossEntropy(device, upload(device, logits.data), upload(device, targets.data), rows, columns);
  return (await download(device, loss, 1))[0]!;
}

async function bce(logits: Array64, targets: Array64): Promise<number> {
  const count = logits.data.length;
  const loss = bceWithLogits(device, upload(device, logits.data), upload(device, targets.data), count);
  return (await download(device, loss, 1))[0]!;
}

const SHAPES = [
  [1, 1],
  [1, 10],
  [32, 10],
  [67, 3],
  [129, 64],
  [3, 1009],
] as const;

test('softmax agrees with float64, and its rows sum to one', async () => {
  for (const [rows, columns] of SHAPES) {
    const x = map64(seededArray(`softmax ${rows} ${columns}`, [rows, columns]), (value) => Math.fround(3 * value));
    const y = await download(device, softmax(device, upload(device, x.data), rows, columns), rows * columns);
    // exp may be off by 3 + 2|x - max| ulp, here |x - max| < 30; the sum adds at most one ulp for each column.
    reference.softmax(x).data.forEach((value, at) => {
      assert.ok(Math.abs(y[at]! - value) <= (65 + columns) * EPSILON * value, `[${rows}, ${columns}] at ${at}`);
    });
    for (let row = 0; row < rows; row++) {
      const total = y.subarray(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(total - 1) <= (8 + columns) * EPSILON, `row ${row} sums to ${total}`);
    }
  }
});

test('softmax of logits of ±1e4 is finite', async () => {
  const x = upload(device, [1e4, -1e4, 0, 1e4, 1e4, 1e4, -1e4, -1e4, -1e4]);
  const y = await download(device, softmax(device, x, 3, 3), 9);
  const third = 1 / 3;
  [1, 0, 0, third, third, third, third, third, third].forEach((value, at) => {
    assert.ok(Math.abs(y[at]! - value) <= 4 * EPSILON, `at ${at}: ${y[at]!}`);
  });
});

test('softmaxCrossEntropy agrees with float64', async () => {
  for (const [rows, columns] of SHAPES) {
    const logits = seededArray(`logits ${rows} ${columns}`, [rows, columns]);
    const targets = oneHot(`labels ${rows} ${columns}`, rows, columns);
    const expected = reference.softmaxCrossEntropy(logits, targets).data[0]!;
    const actual = await crossEntropy(logits, targets);
    // The sum's roundings, the log's 2^-21 around 1, the mean's.
    const allowed = (16 + columns / 8) * EPSILON * Math.max(1, expected);
    assert.ok(Math.abs(actual - expected) <= allowed, `[${rows}, ${columns}]: ${actual}, expected ${expected}`);
  }
});

test('softmaxCrossEntropy takes soft targets, and logits of ±1e4', async () => {
  const logits = array64([2, 2], [1e4, -1e4, -1e4, 1e4]);
  assert.is(await crossEntropy(logits, array64([2, 2], [1, 0, 0, 1])), 0);
  assert.is(await crossEntropy(logits, array64([2, 2], [0, 1, 1, 0])), 2e4);
  const soft = array64([1, 3], [0.25, 0.25, 0.5]);
  const x = array64([1, 3], [0.5, -1, 2]);
  const expected = reference.softmaxCrossEntropy(x, soft).data[0]!;
  assert.ok(Math.abs((await crossEntropy(x, soft)) - expected) <= 8 * EPSILON * expected);
});

test('bceWithLogits agrees with float64', async () => {
  for (const count of [1, 2, 3, 16, 31, 255, 257, 1021, 4096, 4097, 70_001]) {
    const logits = map64(seededArray(`bce ${count}`, [count]), (value) => Math.fround(4 * value));
    const targets = map64(seededArray(`targets ${count}`, [count]), (value) => (value > 0 ? 1 : 0.125));
    const expected = reference.bceWithLogits(logits, targets).data[0]!;
    const actual = await bce(logits, targets);
    // Summands: exp's 3 + 2|x| ulp of a share that falls as exp(-|x|), under 8 ulp in all; the sum's additions in a row.
    assert.ok(Math.abs(actual - expected) <= 40 * EPSILON * expected, `${count}: ${actual}, expected ${expected}`);
  }
});

test('bceWithLogits takes one dispatch up to 4096 logits, and gives the same bits every time', async () => {
  const x = upload(device, seededArray('bce bits', [4097]).data);
  const dispatches = (count: number): number => device.trace(() => bceWithLogits(device, x, x, count)).commands.length;
  assert.equal([1, 64, 4096, 4097].map(dispatches), [1, 1, 1, 2]);
  for (const count of [64, 4097]) {
    const once = (): Promise<Float32Array> => download(device, bceWithLogits(device, x, x, count), 1);
    const first = await once();
    for (let round = 0; round < 3; round++) assert.equal(await once(), first);
  }
});

test('bceWithLogitsGradient agrees with differences of the float64 loss', async () => {
  for (const count of [1, 3, 32, 67]) {
    const [logits, targets] = [seededArray(`logits ${count}`, [count]), seededArray(`targets ${count}`, [count])];
    const loss = (x: Array64): Array64 => reference.scale(reference.bceWithLogits(x, targets), 2.5);
    const [expected] = reference.centralDifferences(loss, [logits], 1e-5);
    const buffers = [logits, targets, array64([], [2.5])].map(({ data }) => upload(device, data));
    const dx = bceWithLogitsGradient(device, buffers[0]!, buffers[1]!, buffers[2]!, count);
    reference.assertClose(await download(device, dx, count), expected!.data, 1e-6, `${count} logits`);
  }
  const [three, one] = [upload(device, [1, 2, 3]), upload(device, [1])];
  assert.throws(() => bceWithLogitsGradient(device, three, three, one, 12), /bceWithLogitsGradient: got logits \[12\]/);
});

test('bceWithLogits is finite for logits of ±1e4, and keeps the digits of a tiny loss', async () => {
  const logits = array64([4], [1e4, -1e4, 1e4, -1e4]);
  assert.is(await bce(logits, array64([4], [1, 0, 1, 0])), 0);
  assert.is(await bce(logits, array64([4], [0, 1, 0, 1])), 1e4);
  const sure = array64([2], [-20, 20]);
  const targets = array64([2], [0, 1]);
  const expected = reference.bceWithLogits(sure, targets).data[0]!;
  assert.ok(Math.abs((await bce(sure, targets)) - expected) <= 50 * EPSILON * expected);
});

test('a NaN shows in both losses, and one behind the values does not', async () => {
  assert.ok(Number.isNaN(await bce(array64([2], [NaN, 0]), array64([2], [1, 0]))));
  assert.ok(Number.isNaN(await crossEntropy(array64([1, 2], [0, NaN]), array64([1, 2], [1, 0]))));
  const padded = upload(device, [0, 0, 0, NaN]);
  const [loss = NaN] = await download(device, bceWithLogits(device, padded, padded, 3), 1);
  assert.ok(Math.abs(loss - Math.LN2) <= 4 * EPSILON);
});

/** Logit, target, loss, gradient: the limits of max(x, 0) − t·x + log(1 + e⁻|x|) and of σ(x) − t. */
const AT_INFINITY: readonly (readonly [number, number, number, number])[] = [
  [Infinity, 1, 0, 0],
  [Infinity, 0, Infinity, 1],
  [Infinity, 0.5, Infinity, 0.5],
  [Infinity, 2, -Infinity, -1],
  [-Infinity, 0, 0, 0],
  [-Infinity, 1, Infinity, -1],
  [-Infinity, 0.5, Infinity, -0.5],
  [-Infinity, -1, -Infinity, 1],
  [NaN, 1, NaN, NaN],
  [NaN, 0, NaN, NaN],
  [Infinity, NaN, NaN, NaN],
  [-Infinity, NaN, NaN, NaN],
];

test('bceWithLogits at ±∞ is the limit, and so is its gradient', async () => {
  for (const [logit, target, loss, gradient] of AT_INFINITY) {
    const what = `${logit} for ${target}`;
    assert.is(String(await bce(array64([1], [logit]), array64([1], [target]))), String(loss), what);
    const [x, t, one] = [[logit], [target], [1]].map((values) => upload(device, values));
    const [dx] = await download(device, bceWithLogitsGradient(device, x!, t!, one!, 1), 1);
    assert.is(String(dx), String(gradient), `gradient at ${what}`);
  }
  const far = array64([3], [Infinity, -Infinity, 0]);
  const right = array64([3], [1, 0, 0.5]);
  assert.ok(Math.abs((await bce(far, right)) - Math.LN2 / 3) <= 4 * EPSILON, 'a sure and right answer costs nothing');
});

test('softmax at ±∞: the largest logits share the probability', async () => {
  const [inf, rows] = [Infinity, 6];
  const x = [-inf, 0, 0, inf, 5, -inf, inf, inf, 0, -inf, -inf, -inf, 3e38, -3e38, -inf, inf, NaN, 0];
  const y = await download(device, softmax(device, upload(device, x), rows, 3), 3 * rows);
  const third = 1 / 3;
  const wanted = [0, 0.5, 0.5, 1, 0, 0, 0.5, 0.5, 0, third, third, third, 1, 0, 0, NaN, NaN, NaN];
  wanted.forEach((value, at) => {
    assert.ok(Object.is(y[at], value) || Math.abs(y[at]! - value) <= 4 * EPSILON, `at ${at}: ${y[at]!}`);
  });
});

test('softmaxCrossEntropy at ±∞ is the limit, and NaN of NaN whatever the targets', async () => {
  const cases: readonly (readonly [readonly number[], readonly number[], number])[] = [
    [[-Infinity, 0, -Infinity], [0, 1, 0], 0],
    [[-Infinity, 0, 0], [1, 0, 0], Infinity],
    [[Infinity, 0, 0], [1, 0, 0], 0],
    [[Infinity, 0, 0], [0, 1, 0], Infinity],
    [[Infinity, 0, -Infinity], [0.5, 0.5, 0], Infinity],
    [[NaN, 0, 0], [0, 1, 0], NaN],
    [[0, NaN, Infinity], [0, 0, 1], NaN],
    [[NaN, 0, 0], [0, 0, 0], NaN],
  ];
  for (const [logits, targets, loss] of cases) {
    const found = await crossEntropy(array64([1, 3], logits), array64([1, 3], targets));
    assert.is(String(found), String(loss), `${logits.join()} for ${targets.join()}`);
  }
});

test('refuses buffers that are too small, naming the op and the shape', () => {
  const x = upload(device, [1, 2, 3, 4]);
  const large = upload(device, new Float32Array(12));
  assert.throws(() => softmax(device, x, 3, 4), /softmax: got x \[3, 4\] in a buffer of 16 bytes/);
  assert.throws(() => softmax(device, x, 0, 4), /softmax: got x \[0, 4\]/);
  assert.throws(() => softmaxCrossEntropy(device, large, x, 3, 4), /softmaxCrossEntropy: got oneHot \[3, 4\]/);
  assert.throws(() => bceWithLogits(device, large, x, 12), /bceWithLogits: got targets \[12\]/);
});

test.run();
