/**
 * @file The power iteration against the float64 reference, and where it leads against a singular value decomposition.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { powerIteration, unitVector } from '../../../src/kernels/norm/spectralNorm.js';
import * as reference from '../../reference/ops.js';
import { asMatrix } from '../../reference/spectral-norm.js';
import { sizeOf } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Weights in their own layout, and the axis of the output units: dense, convolutions, transposed ones; 1 and primes. */
const WEIGHTS: readonly (readonly [readonly number[], number])[] = [
  [[1, 1], 1],
  [[7, 1], 1],
  [[1, 5], 1],
  [[301, 17], 1],
  [[64, 256], 1],
  [[3, 3, 1, 5], 3],
  [[4, 4, 8, 12], 3],
  [[5, 3, 7, 2], 2],
  [[4, 4, 16, 8], 2],
];

for (const [shape, axis] of WEIGHTS) {
  test(`one iteration on [${shape.join(', ')}], units on axis ${axis}`, async () => {
    const weight = seededArray('weight', shape);
    const units = shape[axis]!;
    const u = seededArray('u', [units]);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const before = upload(device, u.data);
    const found = powerIteration(device, upload(device, weight.data), before, { outer, units, inner });
    const expected = reference.powerIteration(weight, u, axis);
    // Sums of at most some thousand products, in float32: relative to a vector of length 1.
    reference.assertClose(await download(device, found.u, units), expected.u.data, 3e-6, 'u');
    reference.assertClose(await download(device, found.v, outer * inner), expected.v.data, 3e-6, 'v');
    const { data } = reference.spectralNorm(weight, { ...expected, axis });
    reference.assertClose(await download(device, found.sigma, 1), data, 3e-6, 'sigma');
    assert.equal([...(await download(device, before, units))], [...u.data], 'the given u stays');
  });
}

test('many iterations end at the largest singular value of a decomposition in float64', async () => {
  for (const [shape, axis] of WEIGHTS) {
    const weight = seededArray('weight', shape);
    const matrix = asMatrix(weight, axis);
    const rows = Array.from({ length: matrix.shape[0]! }, (_, row) => {
      return [...matrix.data.subarray(row * matrix.shape[1]!, (row + 1) * matrix.shape[1]!)];
    });
    const [largest] = new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true }).diagonal;
    const [units, inner] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
    const outer = sizeOf(shape.slice(0, axis));
    const buffer = upload(device, weight.data);
    let u = upload(device, seededArray('u', [units]).data);
    let v = u;
    for (let iteration = 0; iteration < 600; iteration++) {
      ({ u, v } = powerIteration(device, buffer, u, { outer, units, inner }));
    }
    const vectors = {
      u: reference.array64([units], await download(device, u, units)),
      v: reference.array64([outer * inner], await download(device, v, outer * inner)),
    };
    const sigma = reference.spectralNorm(weight, { ...vectors, axis }).data[0]!;
    // σ errs by the square of what the vectors err by, so float32 vectors do; neighbouring values slow them down.
    assert.ok(Math.abs(sigma / largest! - 1) < 1e-5, `[${shape.join(', ')}]: ${sigma}, not ${largest}`);
  }
});

test('a vector of length 1; zeros stay zeros', async () => {
  for (const count of [1, 3, 255, 256, 257, 6272]) {
    const x = seededArray('unit', [count]);
    const norm = Math.hypot(...x.data);
    const wanted = [...x.data].map((value) => value / norm);
    for (const lanes of [8, 256]) {
      const found = unitVector(device, upload(device, x.data), count, { lanes });
      const y = await download(device, found.y, count);
      reference.assertClose(y, wanted, 2e-6, `${count} values, ${lanes} lanes`);
      reference.assertClose(await download(device, found.norm, 1), [norm], 1e-6, `of ${count} values, ${lanes} lanes`);
    }
  }
  const { y: zeros } = unitVector(device, upload(device, new Float32Array(5)), 5);
  assert.equal([...(await download(device, zeros, 5))], [0, 0, 0, 0, 0]);
  const otherwise = upload(device, [1, 2, 3, 4, 5]);
  const instead = unitVector(device, upload(device, new Float32Array(5)), 5, { otherwise });
  assert.equal([...(await download(device, instead.y, 5))], [1, 2, 3, 4, 5]);
  assert.equal([...(await download(device, instead.norm, 1))], [0]);
});

test('a vector of any size is of length 1 afterwards', async () => {
  const base = seededArray('unit', [257]).data;
  const norm = Math.hypot(...base);
  const unit = [...base].map((value) => value / norm);
  for (const size of [1e-36, 1e-30, 1e-20, 1e-12, 1e-9, 1e9, 1e19, 1e30, 1e36]) {
    const x = upload(
      device,
      base.map((value) => value * size),
    );
    for (const lanes of [8, 256]) {
      const found = unitVector(device, x, 257, { lanes });
      reference.assertClose(await download(device, found.y, 257), unit, 2e-6, `size ${size}`);
      reference.assertClose(await download(device, found.norm, 1), [norm * size], 1e-6, `norm at size ${size}`);
    }
  }
});

test('NaN and infinity show in a vector’s norm', async () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const { y, norm } = unitVector(device, upload(device, [1, 2, bad]), 3);
    assert.is(String(...(await download(device, norm, 1))), Number.isNaN(bad) ? 'NaN' : 'Infinity');
    assert.ok(Number.isNaN((await download(device, y, 3))[2]));
  }
});

test('a kernel of zeros leaves u as it is, and σ 0', async () => {
  const u = [0.6, 0.8, 0];
  const found = powerIteration(device, upload(device, new Float32Array(12)), upload(device, u), {
    outer: 4,
    units: 3,
    inner: 1,
  });
  assert.equal([...(await download(device, found.u, 3))], u.map(Math.fround));
  assert.equal([...(await download(device, found.v, 4)), ...(await download(device, found.sigma, 1))], [0, 0, 0, 0, 0]);
});

test('refuses a weight or a u that does not fit', () => {
  const weight = upload(device, new Float32Array(12));
  const u = upload(device, [1, 0, 0, 0]);
  const at = (outer: number, units: number) => () => powerIteration(device, weight, u, { outer, units, inner: 1 });
  assert.throws(at(4, 4), /powerIteration: got the weight \[4, 4, 1\] in a buffer of 48 bytes/);
  assert.throws(at(1, 8), /powerIteration: got u \[8\] in a buffer of 16 bytes/);
});

test.run();
