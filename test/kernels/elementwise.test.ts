import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binary, broadcastShapes, unary, type BinaryOp, type UnaryOp } from '../../src/kernels/elementwise.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, describe, map64 } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Half the distance from 1 to the next float32: what one correct rounding loses at most. */
const HALF_ULP = 2 ** -24;
/** Below the smallest normal number a device may flush to zero. */
const SMALLEST = 2 ** -126;
/** The last takes two rounds of the loop that a software device runs. */
const SIZES = [1, 2, 3, 5, 64, 127, 4099, 20_011];

/** How many ulp a result may be off by, as a function of the operand. */
type Ulps = (x: number) => number;

/** Errors that WGSL allows, https://www.w3.org/TR/WGSL/#floating-point-accuracy, and what our own formulas add. */
const exact: Ulps = () => 0;
const rounded: Ulps = () => 0.5;
const divided: Ulps = () => 2.5;
const exponential: Ulps = (x) => 3 + 2 * Math.abs(x);

interface UnaryCase {
  readonly op: UnaryOp;
  readonly expected: (x: Array64) => Array64;
  readonly ulps: Ulps;
  readonly scalar?: number;
  /** Makes an operand of a normal value. */
  readonly operand?: (value: number) => number;
  readonly absolute?: number;
}

const slope = Math.fround(0.2);
const positive = (value: number): number => Math.fround(Math.abs(value) + 1e-3);
const wide = (value: number): number => Math.fround(value * 4);

const UNARY: readonly UnaryCase[] = [
  { op: 'neg', expected: reference.neg, ulps: exact },
  { op: 'exp', expected: reference.exp, ulps: exponential, operand: wide },
  // Around 1 WGSL bounds log's absolute error only.
  { op: 'log', expected: reference.log, ulps: () => 3, operand: positive, absolute: 2 ** -21 },
  { op: 'sqrt', expected: reference.sqrt, ulps: () => 4.5, operand: positive },
  { op: 'square', expected: reference.square, ulps: rounded },
  { op: 'reciprocal', expected: reference.reciprocal, ulps: divided, operand: positive },
  { op: 'abs', expected: reference.abs, ulps: exact },
  { op: 'sign', expected: (x) => map64(x, Math.sign), ulps: exact },
  { op: 'isPositive', expected: (x) => map64(x, (value) => (value > 0 ? 1 : 0)), ulps: exact },
  { op: 'isNotPositive', expected: (x) => map64(x, (value) => (value > 0 ? 0 : 1)), ulps: exact },
  // The error of exp, a division and six roundings.
  { op: 'softplus', expected: reference.softplus, ulps: (x) => exponential(x) + 8, operand: wide },
  { op: 'sigmoid', expected: reference.sigmoid, ulps: (x) => exponential(x) + 4, operand: wide },
  // The approximation's 3, a division and the polynomials' roundings.
  { op: 'tanh', expected: reference.tanh, ulps: () => 8, operand: wide },
  { op: 'relu', expected: reference.relu, ulps: exact },
  { op: 'leakyRelu', expected: (x) => reference.leakyRelu(x, slope), ulps: rounded, scalar: slope },
  { op: 'addScalar', expected: (x) => reference.addScalar(x, -1.5), ulps: rounded, scalar: -1.5 },
  { op: 'scale', expected: (x) => reference.scale(x, 0.75), ulps: rounded, scalar: 0.75 },
];

function checkValues(actual: Float32Array, expected: Float64Array, bound: (at: number) => number, what: string): void {
  assert.is(actual.length, expected.length, what);
  for (let at = 0; at < expected.length; at++) {
    const [got, wanted] = [actual[at]!, expected[at]!];
    const allowed = bound(at) * 2 * HALF_ULP * Math.abs(wanted) + SMALLEST;
    if (got !== wanted && !(Math.abs(got - wanted) <= allowed))
      assert.unreachable(`${what} at ${at}: got ${got}, expected ${wanted} ± ${allowed}`);
  }
}

for (const { op, expected, ulps, scalar = 0, operand = Math.fround, absolute = 0 } of UNARY) {
  test(`${op} agrees with float64 within ${ulps(0)} ulp and more`, async () => {
    for (const size of SIZES) {
      const x = map64(seededArray(`${op} ${size}`, [size]), operand);
      const y = device.scope(
        () => unary(device, op, upload(device, x.data), size, scalar),
        (result) => [result],
      );
      const wanted = expected(x).data;
      const bound = (at: number): number => ulps(x.data[at]!) + absolute / (2 * HALF_ULP * Math.abs(wanted[at]!));
      checkValues(await download(device, y, size), wanted, bound, `${op} [${size}]`);
      device.free(y);
    }
  });
}

async function run(op: UnaryOp, values: readonly number[], scalar = 0): Promise<number[]> {
  const y = unary(device, op, upload(device, values), values.length, scalar);
  return Array.from(await download(device, y, values.length));
}

test('activations hold at the extremes', async () => {
  const extremes = [-1e30, -1e4, -100, 100, 1e4, 1e30];
  assert.equal(await run('tanh', extremes), [-1, -1, -1, 1, 1, 1]);
  assert.equal(await run('sigmoid', [-1e30, -1e4, 100, 1e4, 1e30]), [0, 0, 1, 1, 1]);
  assert.equal(await run('softplus', [-1e30, -1e4, 100, 1e4, Math.fround(1e30)]), [0, 0, 100, 1e4, Math.fround(1e30)]);
  assert.equal(await run('relu', [-1e30, -0.5, 0, 1e30]), [0, 0, 0, Math.fround(1e30)]);
  assert.equal(await run('leakyRelu', [-1e30, 2], 0.5), [Math.fround(-1e30) / 2, 2]);
  assert.equal(await run('sign', [-1e30, 0, 1e-30]), [-1, 0, 1]);
});

test('tanh never leaves [-1, 1], is odd, and keeps the digits of small values', async () => {
  const grid = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 1000);
  const y = await download(device, unary(device, 'tanh', upload(device, grid), grid.length), grid.length);
  for (let i = 0; i < grid.length; i++) {
    assert.ok(Math.abs(y[i]!) <= 1, `tanh(${grid[i]!}) = ${y[i]!}`);
    assert.is(y[i]! + y[grid.length - 1 - i]!, 0);
  }
  const small = [1e-3, 1e-5, 1e-10, 1e-20].map(Math.fround);
  checkValues(Float32Array.from(await run('tanh', small)), Float64Array.from(small, Math.tanh), () => 8, 'tanh');
});

test('a NaN goes through every operation, and stays where it is', async () => {
  const guards = ['isNotZero', 'zeroToOne', 'infinityToNan'] as const;
  for (const op of [...UNARY.map((each) => each.op), ...guards]) {
    const y = await run(op, [1, NaN, 0.5, 2, NaN], 0.2);
    assert.equal(y.map(Number.isNaN), [false, true, false, false, true], op);
  }
});

test('infinities go through every operation as limits', async () => {
  const at = async (op: UnaryOp, scalar = 0): Promise<number[]> => run(op, [-Infinity, Infinity], scalar);
  assert.equal(await at('exp'), [0, Infinity]);
  assert.equal(await at('softplus'), [0, Infinity]);
  assert.equal(await at('sigmoid'), [0, 1]);
  assert.equal(await at('tanh'), [-1, 1]);
  assert.equal(await at('relu'), [0, Infinity]);
  assert.equal(await at('leakyRelu', 0.2), [-Infinity, Infinity]);
  assert.equal(await at('abs'), [Infinity, Infinity]);
  assert.equal(await at('sign'), [-1, 1]);
  assert.equal(await at('square'), [Infinity, Infinity]);
  assert.equal(await at('isPositive'), [0, 1]);
  assert.equal(await at('isNotPositive'), [1, 0]);
});

test('what guards an operation changes the special value only', async () => {
  const values = [0, -0, 1e-30, -2, Infinity].map(Math.fround);
  assert.equal(await run('isNotZero', values), [0, 0, 1, 1, 1]);
  assert.equal(await run('zeroToOne', values), [1, 1, ...values.slice(2)]);
  assert.equal((await run('infinityToNan', [-Infinity, ...values])).map(String), [
    'NaN',
    ...values.slice(0, 4).map(String),
    'NaN',
  ]);
});

test('the gradients of activations keep a NaN of either operand, and ReLU drops an infinity', async () => {
  for (const op of ['reluGradient', 'leakyReluGradient', 'tanhGradient', 'sigmoidGradient'] as const) {
    const [dy, y] = [upload(device, [1, NaN, NaN, 1, 1]), upload(device, [NaN, 0, 1, 0, 0.5])];
    const dx = await download(device, binary(device, op, dy, [5], y, [5], 0.5), 5);
    assert.equal([...dx].map(Number.isNaN), [true, true, true, false, false], op);
  }
  const [dy, y] = [upload(device, [Infinity, -Infinity, Infinity]), upload(device, [0, 0, 1])];
  assert.equal([...(await download(device, binary(device, 'reluGradient', dy, [3], y, [3]), 3))], [0, 0, Infinity]);
});

test('softplus and sigmoid keep the digits of tiny results', async () => {
  const x = [-5, -20, -60].map(Math.fround);
  const ulps = (at: number): number => exponential(x[at]!) + 8;
  checkValues(Float32Array.from(await run('softplus', x)), reference.softplus(array64([3], x)).data, ulps, 'softplus');
  checkValues(Float32Array.from(await run('sigmoid', x)), reference.sigmoid(array64([3], x)).data, ulps, 'sigmoid');
});

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1, 1]],
  [
    [7, 13],
    [7, 13],
  ],
  [[2, 3, 8], []],
  [
    [1, 1],
    [5, 3],
  ],
  [[6, 64], [64]],
  [[10], [3, 10]],
  [[2, 3, 5, 8], [8]],
  [[2, 5, 7], [7]],
  [
    [9, 8],
    [9, 1],
  ],
  [
    [9, 7],
    [9, 1],
  ],
  [
    [4, 1, 12],
    [1, 3, 1],
  ],
  [
    [4, 1, 12],
    [3, 12],
  ],
  [
    [5, 1],
    [1, 6],
  ],
  [
    [2, 3, 4, 8],
    [2, 1, 1, 8],
  ],
  [
    [2, 1, 3, 1, 2, 4],
    [3, 1, 5, 1, 4],
  ],
  [
    [2, 1, 3, 1, 2, 3],
    [1, 5, 1, 7, 1, 3],
  ],
  [
    [8, 6, 3],
    [6, 1],
  ],
];

const ARITHMETIC = { add: reference.add, sub: reference.sub, mul: reference.mul, div: reference.div } as const;

for (const op of ['add', 'sub', 'mul', 'div'] as const) {
  test(`${op} broadcasts as NumPy does`, async () => {
    for (const [aShape, bShape] of SHAPES) {
      const a = seededArray(`${op} a`, aShape);
      const b = map64(seededArray(`${op} b`, bShape), (value) => Math.fround(value + Math.sign(value)));
      const expected = ARITHMETIC[op](a, b);
      assert.equal(broadcastShapes(aShape, bShape), expected.shape);
      const y = binary(device, op, upload(device, a.data), aShape, upload(device, b.data), bShape);
      const actual = await download(device, y, expected.data.length);
      const ulps = op === 'div' ? divided(0) : rounded(0);
      checkValues(actual, expected.data, () => ulps, `${op} ${describe(aShape)} ${describe(bShape)}`);
    }
  });
}

test('the gradients of activations follow from their outputs', async () => {
  const cases: readonly (readonly [BinaryOp, (y: number) => number, number])[] = [
    ['reluGradient', (y) => (y > 0 ? 1 : 0), 0],
    ['leakyReluGradient', (y) => (y > 0 ? 1 : slope), 0.5],
    ['tanhGradient', (y) => 1 - y * y, 2],
    ['sigmoidGradient', (y) => y * (1 - y), 2],
  ];
  for (const [op, derivative, ulps] of cases) {
    for (const size of [1, 7, 129]) {
      const dy = seededArray(`${op} dy`, [size]);
      const y = map64(seededArray(`${op} y`, [size]), (value) => Math.fround(Math.tanh(value)));
      const expected = dy.data.map((value, at) => value * derivative(y.data[at]!));
      const result = binary(device, op, upload(device, dy.data), [size], upload(device, y.data), [size], slope);
      checkValues(await download(device, result, size), expected, () => ulps, `${op} [${size}]`);
    }
  }
});

test('more elements than one row of workgroups has invocations', async () => {
  const count = 65_535 * 64 + 4 * 64 + 3;
  const x = Float32Array.from({ length: count }, (_, at) => at % 8191);
  const y = device.scope(
    () => {
      const upper = unary(device, 'addScalar', upload(device, x), count, 1);
      return binary(device, 'add', upper, [count], upper, [count]);
    },
    (result) => [result],
  );
  const actual = await download(device, y, count);
  const wrong = actual.findIndex((value, at) => value !== 2 * (x[at]! + 1));
  assert.is(wrong, -1);
});

test('refuses what does not fit, naming the op and the shapes', () => {
  const x = upload(device, [1, 2, 3, 4, 5, 6]);
  assert.throws(() => binary(device, 'add', x, [2, 3], x, [2]), /^add: got a \[2, 3\] and b \[2\]; it takes/);
  assert.throws(() => binary(device, 'tanhGradient', x, [2, 3], x, [3]), /tanhGradient: got dy \[2, 3\] and y \[3\]/);
  assert.throws(() => binary(device, 'leakyReluGradient', x, [6], x, [6], -1), /slope -1/);
  assert.throws(() => binary(device, 'mul', x, [1, 1, 1, 1, 1, 1, 6], x, [6]), /mul: .* at most 6 axes/);
  assert.throws(() => binary(device, 'mul', x, [0], x, [6]), /mul: got a \[0\]/);
  assert.throws(() => broadcastShapes([4, 2], [3, 2]), /\[4, 2\] and b \[3, 2\]/);
  assert.throws(() => unary(device, 'exp', x, 9), /exp: got x \[9\] in a buffer of 32 bytes/);
  assert.throws(() => unary(device, 'exp', x, 1.5), /exp: got x \[1.5\]/);
});

test.run();
