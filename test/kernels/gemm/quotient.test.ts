/**
 * @file The range of `shaders/gemm/quotient.wgsl`, which divides indices by way of floats: with every result that WGSL
 * allows a division to have, the floor is right below QUOTIENT_END; from there on the problems divide integers.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SHADER_TEXTS } from '../../../src/gpu/shaderTexts.js';
import { conv2dProblem, convWeightGradientProblem } from '../../../src/kernels/conv/conv.js';
import { QUOTIENT_END, type GemmProblem } from '../../../src/kernels/gemm/problem.js';
import { fixedTile } from '../../../src/kernels/gemm/tiles.js';
import { matmulTransposedProblem } from '../../../src/kernels/gemm/matmul.js';
import { openTestDevice, upload } from '../../support/device.js';
import { runTile } from '../../support/gemm.js';
import { seededInts } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Units in the last place that a division may be off by, https://www.w3.org/TR/WGSL/#floating-point-accuracy */
const DIVISION_ULPS = 2.5;

const view = new DataView(new ArrayBuffer(4));

/** The float32 that is so many steps above a positive one. */
function stepped(value: number, steps: number): number {
  view.setFloat32(0, value);
  view.setUint32(0, view.getUint32(0) + steps);
  return view.getFloat32(0);
}

/** The least and the largest that `(f32(a) + 0.5) / f32(b)` may be. */
function quotientsAllowed(a: number, b: number): readonly [number, number] {
  const exact = Math.fround(Math.fround(a) + 0.5) / Math.fround(b);
  const off = DIVISION_ULPS * 2 ** (Math.floor(Math.log2(exact)) - 23);
  const [low, high] = [Math.fround(exact - off), Math.fround(exact + off)];
  return [low < exact - off ? stepped(low, 1) : low, high > exact + off ? stepped(high, -1) : high];
}

function isRight(a: number, b: number): boolean {
  const expected = Math.floor(a / b);
  return quotientsAllowed(a, b).every((quotient) => Math.trunc(quotient) === expected);
}

/** Dividends below `end` where a quotient is nearest to an integer: about multiples, the last ones among them. */
function dividends(b: number, end: number): number[] {
  const last = Math.floor((end - 1) / b);
  const multiples = [1, 2, 3, last - 2, last - 1, last, 2 ** Math.floor(Math.log2(Math.max(1, last)))];
  const some = seededInts(`${b}`, 20, 0, Math.max(1, last));
  const near = [...multiples, ...some].flatMap((n) => [n * b - 1, n * b, n * b + 1]);
  return [0, end - 2, end - 1, ...near].filter((a) => a >= 0 && a < end);
}

const DIVISORS = [
  ...Array.from({ length: 2000 }, (_, index) => index + 1),
  ...Array.from({ length: 26 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1])
    .flat()
    .filter((b) => b > 0),
  ...seededInts('divisors', 2000, 1, 2 ** 25),
  ...seededInts('divisors below the end', 2000, 1, QUOTIENT_END),
];

/** A pair whose quotient may have the wrong floor, if there is one. */
function firstWrong(end: number): readonly [number, number] | undefined {
  for (const b of DIVISORS) {
    const a = dividends(b, end).find((each) => !isRight(each, b));
    if (a !== undefined) return [a, b];
  }
  return undefined;
}

test('the formula is the shader’s, and so is the end of its range', () => {
  const text = SHADER_TEXTS['gemm/quotient.wgsl']!;
  assert.match(text, 'return u32((f32(a) + 0.5) / f32(b));');
  assert.match(text, 'return vec4u((vec4f(a) + 0.5) / f32(b));');
  assert.match(text, `below ${QUOTIENT_END}:`);
  // a + 1/2 < 2²³ / (2 · 2.5)
  assert.is(QUOTIENT_END, Math.ceil(2 ** 23 / (2 * DIVISION_ULPS) - 0.5));
});

test('a division that is off by 2.5 ulp gives the right quotient up to the end of the range', () => {
  assert.is(firstWrong(QUOTIENT_END), undefined);
});

test('and does not up to twice that: the emulation finds it', () => {
  assert.ok(firstWrong(2 * QUOTIENT_END));
});

const unused = device.allocatePersistent(16, 'unused');

test('problems whose inner loop ends beyond the range divide integers', () => {
  const window = { images: 1, channels: 4, filters: 4, strideY: 1, strideX: 1, top: 0, left: 0 };
  const most = QUOTIENT_END - 8;
  for (const [length, integers] of [
    [1, false],
    [most, false],
    [most + 1, true],
    [2 ** 25, true],
  ] as const) {
    const line = { height: 1, width: length, kernelHeight: 1 };
    const gradient = { ...window, ...line, kernelWidth: 1, outputHeight: 1, outputWidth: length };
    const whole = { ...window, ...line, kernelWidth: length, outputHeight: 1, outputWidth: 1 };
    const problems: readonly GemmProblem[] = [
      matmulTransposedProblem({ rows: 4, inner: length, columns: 4 }, { a: unused, b: unused, output: unused }),
      convWeightGradientProblem(gradient, { x: unused, y: unused, output: unused }),
      conv2dProblem(whole, { x: unused, w: unused, output: unused }),
    ];
    for (const { constants, name } of problems) assert.is(constants.INTEGER_QUOTIENT, integers, name);
  }
});

const SIDE = 1300;
const PIXELS = SIDE * SIDE;

/** Pixels where a quotient off by one would show: the ends of lines. */
const ENDS = [0, SIDE - 1, SIDE, 977 * SIDE - 1, 977 * SIDE, PIXELS - SIDE, PIXELS - 1];

/** [PIXELS, 4] of whole numbers, and [PIXELS, columns] of zeros but at the ends of lines. */
function image(): Float32Array {
  return Float32Array.from({ length: PIXELS * 4 }, (_, at) => at % 251);
}
function marks(columns: number): Float32Array {
  const values = new Float32Array(PIXELS * columns);
  for (const pixel of ENDS) values.fill(1 + (pixel % 5), pixel * columns, (pixel + 1) * columns);
  return values;
}

/** Σ over the marks of image · mark, for each channel: exact in float32. */
function expected(): number[] {
  return Array.from({ length: 4 }, (_, channel) =>
    ENDS.reduce((sum, pixel) => sum + ((pixel * 4 + channel) % 251) * (1 + (pixel % 5)), 0),
  );
}

test('a weight gradient over more pixels than the range has', async () => {
  assert.ok(PIXELS > QUOTIENT_END);
  const sides = { height: SIDE, width: SIDE, outputHeight: SIDE, outputWidth: SIDE };
  const shape = { ...sides, images: 1, channels: 4, filters: 2, kernelHeight: 1, kernelWidth: 1 };
  const [x, y] = [upload(device, image()), upload(device, marks(2))];
  const output = device.allocatePersistent(32, 'weight gradient');
  const window = { strideY: 1, strideX: 1, top: 0, left: 0 };
  const problem = convWeightGradientProblem({ ...shape, ...window }, { x, y, output }, 16);
  const values = Array.from(await runTile(device, problem, fixedTile(problem, device)));
  assert.equal(
    values,
    expected().flatMap((sum) => [sum, sum]),
  );
  for (const buffer of [x, y, output]) device.free(buffer);
});

test('a convolution of more taps than the range has', async () => {
  const sides = { height: SIDE, width: SIDE, kernelHeight: SIDE, kernelWidth: SIDE, outputHeight: 1, outputWidth: 1 };
  const weights = new Float32Array(PIXELS * 4);
  marks(1).forEach((mark, pixel) => (weights[pixel * 4 + 2] = mark));
  const [x, w] = [upload(device, image()), upload(device, weights)];
  const output = device.allocatePersistent(16, 'convolution');
  const shape = { ...sides, images: 1, channels: 4, filters: 1, strideY: 1, strideX: 1, top: 0, left: 0 };
  const problem = conv2dProblem(shape, { x, w, output });
  assert.equal(Array.from(await runTile(device, problem, fixedTile(problem, device))), [expected()[2]]);
  for (const buffer of [x, w, output]) device.free(buffer);
});

test.run();
