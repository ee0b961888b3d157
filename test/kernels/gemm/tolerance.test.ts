/**
 * @file The bound on rounding errors: float32 sums stay below it, and a product too many or too few does not.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import { noise } from '../../../src/kernels/gemm/noise.js';
import { ProductCheck, roundingBound } from '../../../src/kernels/gemm/tolerance.js';
import { matmulProblem } from '../../../src/kernels/gemm/matmul.js';

const DEPTH = 1600;
const a = noise(64 * DEPTH, 1);
const b = noise(DEPTH * 32, 2);
const buffers = { a: new DeviceBuffer(4, 'a'), b: new DeviceBuffer(4, 'b'), output: new DeviceBuffer(4, 'output') };
const problem = matmulProblem({ rows: 64, inner: DEPTH, columns: 32, transposeB: false }, buffers);
const check = new ProductCheck(problem, a, b);

/** The element summed in float32, each product and each sum rounded. */
function inFloat32(index: number, terms = DEPTH): number {
  let sum = 0;
  for (let k = 0; k < terms; k++) {
    const product = Math.fround(a[Math.floor(index / 32) * DEPTH + k]! * b[k * 32 + (index % 32)]!);
    sum = Math.fround(sum + product);
  }
  return sum;
}

test('a sum in float32 lies within the bound, and most of them far within', () => {
  for (let index = 0; index < problem.outputCount; index++) assert.ok(check.allows(index, inFloat32(index)));
});

test('a sum that lacks its last 4 products, a NaN, and a neighbour lie outside', () => {
  const indices = Array.from({ length: 96 }, (_, at) => at * 21);
  const short = indices.filter((index) => check.allows(index, inFloat32(index, DEPTH - 4)));
  assert.ok(short.length < 5, `${short.length} of 96 sums were not told from those that lack 4 products`);
  for (const index of indices) assert.not.ok(check.allows(index, NaN));
  const neighbours = indices.filter((index) => check.allows(index, inFloat32(index + 1)));
  assert.ok(neighbours.length < 5);
});

test('the bound grows with the root of the depth and with the magnitude', () => {
  assert.is(roundingBound(8, 1), 6 * 4 * 2 ** -24);
  assert.is(roundingBound(32, 3), 6 * roundingBound(8, 1));
  assert.is(roundingBound(100, 0), 0, 'a sum of zeros is exact');
});

test.run();
