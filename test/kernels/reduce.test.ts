import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sum } from '../../src/kernels/reduce.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, describe, map64 } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray, seededNormal } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/**
 * Of n summands a sum may be off by (number of additions in a row) · 2⁻²⁴ · Σ|x|: 16 in a loop of 64 rows by four
 * accumulators, 4 to join those, 1 for the factor, per pass; there are at most three passes here.
 */
const TOLERANCE = 3 * 21 * 2 ** -24;

async function check(x: Array64, axes: readonly number[], factor = 1): Promise<void> {
  const expected = reference.scale(reference.sum(x, { axes }), factor);
  const magnitude = reference.scale(reference.sum(reference.abs(x), { axes }), Math.abs(factor));
  const y = sum(device, upload(device, x.data), x.shape, axes, factor);
  const actual = await download(device, y, expected.data.length);
  expected.data.forEach((value, at) => {
    const error = Math.abs(actual[at]! - value);
    const what = `sum ${describe(x.shape)} over ${describe(axes)} at ${at}: got ${actual[at]!}, expected ${value}`;
    assert.ok(error <= TOLERANCE * magnitude.data[at]!, what);
  });
}

const CASES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [0]],
  [[1, 1, 1], [1]],
  [[3], [0]],
  [[5], []],
  [[17], [-1]],
  [[257], [0]],
  [[4099], [0]],
  [[32, 10], [0]],
  [[32, 10], [1]],
  [
    [32, 10],
    [0, 1],
  ],
  [
    [2, 3, 64],
    [0, 1],
  ],
  [[131, 64], [0]],
  [[131, 7], [0]],
  [[131, 7], [1]],
  [[7, 1028], [1]],
  [[7, 1031], [1]],
  [[3, 401, 12], [1]],
  [[3, 401, 5], [1]],
  [
    [3, 4, 5, 6],
    [0, 2],
  ],
  [
    [3, 4, 5, 6],
    [1, 3],
  ],
  [
    [3, 4, 5, 6],
    [3, 0, 1],
  ],
  [
    [3, 1, 5, 1, 2, 8],
    [0, 3, 5],
  ],
  [
    [2, 3, 2, 3, 2, 3],
    [0, 2, 4],
  ],
  [[97, 1, 97], [0]],
];

test('any set of axes agrees with float64', async () => {
  for (const [shape, axes] of CASES) await check(seededArray(`sum ${describe(shape)}`, shape), axes);
});

test('the factor multiplies the sum once, however many passes it takes', async () => {
  await check(seededArray('factor', [5000]), [0], 1 / 5000);
  await check(seededArray('factor', [40, 30, 20]), [0, 2], -0.25);
  await check(seededArray('factor', [6]), [], 3);
});

test('the statistics of a batch: 25,088 rows of 64 channels', async () => {
  const [rows, channels] = [25_088, 64];
  const x = seededNormal('statistics', rows * channels);
  const y = sum(device, upload(device, x), [rows, channels], [0], 1 / rows);
  const actual = await download(device, y, channels);
  const expected = new Float64Array(channels);
  const magnitude = new Float64Array(channels);
  x.forEach((value, at) => {
    expected[at % channels]! += value / rows;
    magnitude[at % channels]! += Math.abs(value) / rows;
  });
  expected.forEach((value, channel) => {
    assert.ok(Math.abs(actual[channel]! - value) <= TOLERANCE * magnitude[channel]!, `channel ${channel}`);
  });
});

test('many equal values do not drift, where adding them one by one would', async () => {
  const count = 3_000_017;
  const y = sum(device, upload(device, new Float32Array(count).fill(0.1)), [count], [0]);
  const expected = count * Math.fround(0.1);
  const [actual = NaN] = await download(device, y, 1);
  assert.ok(Math.abs(actual - expected) <= 1e-6 * expected, `got ${actual}, expected ${expected}`);
});

test('more sums than one row of workgroups has invocations', async () => {
  const rows = 65_535 * 64 + 65;
  const x = Float32Array.from({ length: rows * 3 }, (_, at) => at % 1021);
  const y = sum(device, upload(device, x), [rows, 3], [1]);
  const actual = await download(device, y, rows);
  const wrong = actual.findIndex((value, at) => value !== x[3 * at]! + x[3 * at + 1]! + x[3 * at + 2]!);
  assert.is(wrong, -1);
});

test('what lies behind the values in the buffer has no part in the sum', async () => {
  const x = map64(array64([9]), () => 1);
  const buffer = upload(device, [...x.data, NaN, NaN, NaN]);
  assert.equal(Array.from(await download(device, sum(device, buffer, [9], [0]), 1)), [9]);
  assert.equal(Array.from(await download(device, sum(device, buffer, [3, 3], [1]), 3)), [3, 3, 3]);
  assert.equal(Array.from(await download(device, sum(device, buffer, [3], [0]), 1)), [3]);
});

test('the same bits every time, and nothing left behind', async () => {
  const x = upload(device, seededNormal('bits', 100_003));
  const once = async (): Promise<number> => {
    const y = sum(device, x, [100_003], [0]);
    const [value = NaN] = await download(device, y, 1);
    device.free(y);
    return value;
  };
  const first = await once();
  const { bytes } = device.pool;
  for (let round = 0; round < 3; round++) assert.is(await once(), first);
  assert.is(device.pool.bytes, bytes);
});

test('a recorded sum replays to the bits of an eager one', async () => {
  const x = upload(device, seededNormal('replay', 5000 * 12));
  const eager = await download(device, sum(device, x, [5000, 12], [0], 0.5), 12);
  const trace = device.trace(() => sum(device, x, [5000, 12], [0], 0.5));
  const plan = await device.compile(trace, [trace.results]);
  plan.replay();
  assert.equal(await download(device, trace.results, 12), eager);
  plan.dispose();
});

test('refuses axes that are not there, or twice, naming the shape', () => {
  const x = upload(device, [1, 2, 3, 4, 5, 6]);
  assert.throws(
    () => sum(device, x, [2, 3], [2]),
    /sum: got x \[2, 3\]; it takes distinct axes from -2 to 1, not \[2\]/,
  );
  assert.throws(() => sum(device, x, [2, 3], [-3]), /not \[-3\]/);
  assert.throws(() => sum(device, x, [2, 3], [0, 0]), /not \[0, 0\]/);
  assert.throws(() => sum(device, x, [2, 3], [1, -1]), /not \[1, -1\]/);
  assert.throws(() => sum(device, x, [2, 3], [0.5]), /not \[0.5\]/);
  assert.throws(() => sum(device, x, [20, 3], [0]), /sum: got x \[20, 3\] in a buffer of 32 bytes/);
});

test.run();
