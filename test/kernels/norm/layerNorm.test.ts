/**
 * @file Layer normalisation against the float64 reference, forward and backward.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layerNorm, layerNormGradient } from '../../../src/kernels/norm/layerNorm.js';
import type { FusedActivation } from '../../../src/kernels/options.js';
import { layerNorm as inFloat64 } from '../../reference/layer-norm.js';
import * as reference from '../../reference/ops.js';
import { type Array64, array64, map64 } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const EPSILON = 1e-3;
const ACTIVATIONS: readonly FusedActivation[] = ['none', 'relu', 'tanh', 'sigmoid', { leakyRelu: 0.2 }];

/** Words of one value and of four; fewer words than lanes, as many and more; one image, one pixel, one channel. */
const SHAPES = [
  [1, 1, 1],
  [1, 1, 64],
  [3, 7, 5],
  [2, 49, 8],
  [5, 13, 1],
  [7, 1, 6],
  [2, 512, 4],
  [3, 197, 12],
  [65, 3, 3],
] as const;

/** Sums of a few dozen values a lane, and eight joins: some ten roundings of 6e-8, by what 1 / √ε makes of them. */
const TOLERANCE = 5e-6;

interface Case {
  readonly x: Array64;
  readonly gamma: Array64;
  readonly beta: Array64;
  readonly dy: Array64;
}

function makeCase([images, pixels, channels]: readonly [number, number, number]): Case {
  const seed = `layer norm ${images} ${pixels} ${channels}`;
  const shape = [images, pixels, channels];
  return {
    x: map64(seededArray(`${seed} x`, shape), (value) => Math.fround(2 * value + 3)),
    gamma: map64(seededArray(`${seed} gamma`, [channels]), (value) => Math.fround(1 + 0.3 * value)),
    beta: seededArray(`${seed} beta`, [channels]),
    dy: seededArray(`${seed} dy`, shape),
  };
}

/** A software device's workgroup, and a GPU's. */
const LANES = [8, 256];

async function run({ x, gamma, beta, dy }: Case, activation: FusedActivation, lanes?: number) {
  const [images = 1, pixels = 1, channels = 1] = x.shape;
  const common = {
    x: upload(device, x.data),
    gamma: upload(device, gamma.data),
    images,
    pixels,
    channels,
    activation,
    lanes,
  };
  const { y, statistics } = layerNorm(device, { ...common, beta: upload(device, beta.data), epsilon: EPSILON });
  const gradients = layerNormGradient(device, { ...common, y, statistics, dy: upload(device, dy.data) });
  return {
    y: await download(device, y, x.data.length),
    statistics: await download(device, statistics, 2 * images),
    dx: await download(device, gradients.dx, x.data.length),
    dGamma: await download(device, gradients.dGamma, channels),
    dBeta: await download(device, gradients.dBeta, channels),
  };
}

for (const shape of SHAPES) {
  test(`forward of [${shape.join(', ')}]`, async () => {
    const c = makeCase(shape);
    for (const activation of ACTIVATIONS) {
      const expected = inFloat64(c.x, c.gamma, c.beta, { epsilon: EPSILON, activation });
      for (const lanes of LANES) {
        const { y } = await run(c, activation, lanes);
        reference.assertClose(y, expected.data, TOLERANCE, `${JSON.stringify(activation)}, ${lanes} lanes`);
      }
    }
  });
}

test('statistics of an image worked by hand', async () => {
  const x = array64([2, 2, 2], [1, 2, 3, 4, -2, -2, -2, -2]);
  const c = { x, gamma: array64([2], [1, 1]), beta: array64([2]), dy: x };
  const { statistics } = await run(c, 'none');
  const expected = [2.5, 1 / Math.sqrt(1.25 + EPSILON), -2, 1 / Math.sqrt(EPSILON)];
  reference.assertClose(statistics, expected, 2e-7, 'mean and inverse deviation');
});

test('a mean far above the spread does not spoil the variance', async () => {
  const c = makeCase([3, 50, 4]);
  const far = { ...c, x: map64(c.x, (value) => Math.fround(1e4 + 0.1 * value)) };
  const expected = inFloat64(far.x, far.gamma, far.beta, { epsilon: EPSILON });
  // The values themselves are rounded to 1e4 · 2⁻²⁴, and the mean is: 3e-3 of their spread of 0.2.
  reference.assertClose((await run(far, 'none')).y, expected.data, 5e-3, 'y');
});

for (const shape of [
  [2, 3, 5],
  [3, 2, 4],
  [4, 1, 3],
  [1, 17, 2],
] as const) {
  test(`gradients of [${shape.join(', ')}] against central differences`, async () => {
    const c = makeCase(shape);
    for (const activation of ACTIVATIONS) {
      const loss = (x: Array64, gamma: Array64, beta: Array64): Array64 =>
        reference.sum(reference.mul(inFloat64(x, gamma, beta, { epsilon: EPSILON, activation }), c.dy));
      const [dx, dGamma, dBeta] = reference.centralDifferences(loss, [c.x, c.gamma, c.beta], 1e-5);
      for (const lanes of LANES) {
        const actual = await run(c, activation, lanes);
        const what = `${JSON.stringify(activation)}, ${lanes} lanes`;
        reference.assertClose(actual.dx, dx!.data, 1e-5, `dx, ${what}`);
        reference.assertClose(actual.dGamma, dGamma!.data, 1e-5, `dGamma, ${what}`);
        reference.assertClose(actual.dBeta, dBeta!.data, 1e-5, `dBeta, ${what}`);
      }
    }
  });
}

test('the gradient by x has no share along the image’s mean or along itself, whatever its size', async () => {
  // γ alike for all channels: then a shift of x, and but for ε a stretch of it, leaves y as it is.
  const c = makeCase([3, 197, 12]);
  const { dx } = await run({ ...c, gamma: map64(c.gamma, () => 1.5) }, 'tanh');
  const size = 197 * 12;
  for (let image = 0; image < 3; image++) {
    const values = dx.subarray(image * size, (image + 1) * size);
    const total = values.reduce((sum, value) => sum + value, 0);
    const norm = values.reduce((sum, value) => sum + Math.abs(value), 0);
    assert.ok(Math.abs(total) < 1e-5 * norm, `image ${image}: ${total} of ${norm}`);
  }
});

test('an image whose variance overflows shows, and no other image', async () => {
  for (const channels of [3, 4]) {
    const c = makeCase([3, 5, channels]);
    for (const [what, values] of [
      ['a large value', [3e19]],
      ['large values of both signs', [3e38, -3e38]],
      ['a mean that overflows', new Array<number>(5 * channels).fill(3e38)],
      ['NaN', [NaN]],
      ['infinity', [Infinity]],
    ] as const) {
      const x = map64(c.x, (value) => value);
      x.data.set(values, 5 * channels);
      for (const lanes of LANES) {
        const found = await run({ ...c, x }, 'relu', lanes);
        for (const name of ['y', 'dx'] as const) {
          found[name].forEach((value, at) => {
            const isSpoilt = Math.floor(at / (5 * channels)) === 1;
            assert.is(Number.isFinite(value), !isSpoilt, `${name} at ${at}, ${what}, ${channels} channels`);
          });
        }
        assert.ok(!Number.isFinite(found.statistics[3]) && Number.isFinite(found.statistics[1]), what);
        assert.ok(!found.dGamma.some(Number.isFinite), `dGamma, ${what}`);
      }
    }
  }
});

test('the same input gives the same bits', async () => {
  const c = makeCase([3, 197, 12]);
  assert.equal(await run(c, 'relu'), await run(c, 'relu'));
});

test('refuses operands that do not fit, and says what they are', () => {
  const x = upload(device, new Float32Array(24));
  const one = upload(device, [1, 1, 1, 1]);
  const options = { x, gamma: one, beta: one, images: 2, pixels: 3, channels: 4, epsilon: EPSILON };
  assert.throws(() => layerNorm(device, { ...options, images: 3 }), /layerNorm: got x \[3, 3, 4\] in a buffer of 96/);
  assert.throws(() => layerNorm(device, { ...options, channels: 8, pixels: 1 }), /layerNorm: got gamma \[8\]/);
  assert.throws(() => layerNorm(device, { ...options, epsilon: -1 }), /layerNorm: got epsilon -1; it takes one of/);
  const backward = { ...options, dy: x, y: x, statistics: one };
  const steep = { ...backward, activation: { leakyRelu: -1 } };
  assert.throws(() => layerNormGradient(device, steep), /layerNormGradient: got a leaky ReLU of slope -1/);
  assert.throws(() => layerNormGradient(device, { ...backward, dy: one }), /layerNormGradient: got dy \[2, 3, 4\]/);
});

test.run();
