import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { biasGradient } from '../../../src/kernels/gemm/bias.js';
import { binary } from '../../../src/kernels/elementwise.js';
import type { FusedActivation } from '../../../src/kernels/options.js';
import * as reference from '../../reference/ops.js';
import { map64 } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** Each with the elementwise kernel that does the first half alone, and y → activation′. */
const ACTIVATIONS = [
  ['relu', 'reluGradient', (y: number) => Number(y > 0)],
  ['tanh', 'tanhGradient', (y: number) => 1 - y * y],
  ['sigmoid', 'sigmoidGradient', (y: number) => y * (1 - y)],
  [{ leakyRelu: 0.2 }, 'leakyReluGradient', (y: number) => (y > 0 ? 1 : 0.2)],
] as const;

/** By words and by values, rows that end within a word, one invocation's share and many, few columns and many. */
const SHAPES = [
  [1, 1],
  [1, 7],
  [3, 5],
  [32, 256],
  [67, 6],
  [131, 64],
  [1021, 3],
  [25_088, 1],
  [12_544, 64],
  [70_001, 9],
] as const;

for (const [rows, columns] of SHAPES) {
  for (const [activation, elementwise, slope] of ACTIVATIONS) {
    // The float64 reference of large shapes is slow.
    if (rows > 2000 && activation !== 'tanh') continue;
    test(`[${rows}, ${columns}], ${JSON.stringify(activation)}`, async () => {
      const shape = [rows, columns];
      const dy = seededArray(`dy ${rows} ${columns}`, shape);
      const y = map64(seededArray(`y ${rows} ${columns}`, shape), (value) => Math.fround(Math.tanh(value)));
      const [g, value] = [upload(device, [...dy.data, NaN]), upload(device, [...y.data, NaN])];
      const options = { dy: g, y: value, rows, columns, activation };
      const { dx, dBias } = biasGradient(device, options);
      const expected = reference.mul(dy, map64(y, slope));
      const actual = await download(device, dx, rows * columns);
      const scalar = typeof activation === 'string' ? 0 : activation.leakyRelu;
      const alone = binary(device, elementwise, g, shape, value, shape, scalar);
      assert.equal(actual, await download(device, alone, rows * columns), 'dx is what the elementwise kernel gives');

      const sums = reference.sum(expected, { axes: [0] });
      const magnitude = reference.sum(reference.abs(expected), { axes: [0] });
      const got = await download(device, dBias, columns);
      // Four roundings of a summand; 64 additions, those of a lane, which are as many at most, and six to join the lanes.
      const allowed = (4 + 64 + 64 + 6) * 2 ** -24;
      sums.data.forEach((sum, column) => {
        assert.ok(Math.abs(got[column]! - sum) <= allowed * magnitude.data[column]!, `column ${column}`);
      });
      const again = biasGradient(device, options);
      assert.equal(await download(device, again.dBias, columns), got, 'the same bits');
      for (const buffer of [g, value, dx, dBias, alone, again.dx, again.dBias]) device.free(buffer);
    });
  }
}

test('takes two dispatches, and gives its temporaries back', () => {
  const [dy, y] = [upload(device, new Float32Array(1200)), upload(device, new Float32Array(1200))];
  const run = () => biasGradient(device, { dy, y, rows: 200, columns: 6, activation: 'tanh' });
  assert.is(device.trace(run).commands.length, 2);
  device.scope(() => void run());
  const { count, bytes } = device.pool;
  device.scope(() => void run());
  assert.equal([device.pool.count, device.pool.bytes], [count, bytes]);
});

test('refuses what does not fit, by name', () => {
  const [small, x] = [upload(device, [1, 2]), upload(device, new Float32Array(24))];
  const run =
    (changes: Partial<{ dy: typeof x; y: typeof x; rows: number; activation: FusedActivation }>) => (): unknown =>
      biasGradient(device, { dy: x, y: x, rows: 6, columns: 4, activation: 'relu', ...changes });
  assert.throws(run({ dy: small }), /biasGradient: got dy \[6, 4\] in a buffer of 16 bytes/);
  assert.throws(run({ y: small }), /biasGradient: got y \[6, 4\]/);
  assert.throws(run({ rows: 0 }), /biasGradient: got dy \[0, 4\].*at least 1/);
  assert.throws(run({ activation: { leakyRelu: -0.1 } }), /biasGradient: got a leaky ReLU of slope -0\.1/);
});

test.run();
