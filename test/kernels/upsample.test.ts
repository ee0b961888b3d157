import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downsampleSum2x, upsample2x } from '../../src/kernels/upsample.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededInts } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const SHAPES = [
  [1, 1, 1, 1],
  [2, 3, 5, 3],
  [3, 7, 2, 65],
  [2, 5, 3, 4],
  [1, 7, 7, 64],
  [5, 1, 13, 8],
] as const;

/** Small integers: sums of four are exact in float32. */
const integers = (seed: string, shape: readonly number[]): Array64 =>
  array64(shape, seededInts(seed, sizeOf(shape), -99, 99));

const doubled = ([n, h, w, c]: readonly [number, number, number, number]): number[] => [n, 2 * h, 2 * w, c];

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

for (const shape of SHAPES) {
  const what = `[${shape.join(', ')}]`;
  const size = sizeOf(shape);

  test(`doubles ${what}`, async () => {
    const x = integers(`up ${what}`, shape);
    const y = upsample2x(device, upload(device, x.data), shape);
    reference.assertClose(await download(device, y, 4 * size), reference.upsample2x(x).data, 0, what);
  });

  test(`sums blocks to ${what}`, async () => {
    const x = integers(`down ${what}`, doubled(shape));
    const y = downsampleSum2x(device, upload(device, x.data), doubled(shape));
    reference.assertClose(await download(device, y, size), reference.downsampleSum2x(x).data, 0, what);
  });

  test(`doubling and summing blocks are adjoint at ${what}`, async () => {
    const [x, dy] = [integers(`x ${what}`, shape), integers(`dy ${what}`, doubled(shape))];
    const y = await download(device, upsample2x(device, upload(device, x.data), shape), 4 * size);
    const dx = await download(device, downsampleSum2x(device, upload(device, dy.data), doubled(shape)), size);
    assert.is(dot(y, dy.data), dot(x.data, dx));
  });
}

test('one pixel, by hand', async () => {
  const y = upsample2x(device, upload(device, [1, 2, 3, 4]), [1, 1, 2, 2]);
  assert.equal([...(await download(device, y, 16))], [1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4]);
});

test('refuses what does not fit, by name', () => {
  const x = upload(device, new Float32Array(12));
  assert.throws(() => upsample2x(device, x, [3, 4]), /upsample2x: got x \[3, 4\]; it takes x \[N, H, W, C\]/);
  assert.throws(() => upsample2x(device, x, [1, 2, 2, 4]), /upsample2x: got x \[1, 2, 2, 4\] in a buffer of 48 bytes/);
  assert.throws(() => downsampleSum2x(device, x, [1, 3, 4, 1]), /downsampleSum2x: got x \[1, 3, 4, 1\].*even/);
});

test.run();
