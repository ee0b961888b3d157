/**
 * @file The Jacobian's singular values: of linear maps in closed form, of a generator against central differences.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { matmul, mul, reshape, slice, tanh, transpose } from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { JacobianProbe, type JacobianSpectrum, type Network } from '../../../src/evaluation/latent/jacobian.js';
import { inferencePass } from '../../../src/evaluation/inputs/classifierOutput.js';
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { assertClose } from '../../reference/compare.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

async function withProbe<T>(network: Network, zDim: number, body: (probe: JacobianProbe) => Promise<T>): Promise<T> {
  const probe = await JacobianProbe.prepare(engine, network, zDim);
  try {
    return await body(probe);
  } finally {
    probe.dispose();
  }
}

const measure = (network: Network, zDim: number, z: ArrayLike<number>): Promise<JacobianSpectrum> => {
  return withProbe(network, zDim, (probe) => probe.measure(Float32Array.from(z)));
};

/** Columns of the discrete cosine transform: orthonormal. */
function cosines(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, column) => {
    const factor = Math.sqrt((column === 0 ? 1 : 2) / rows);
    return Float64Array.from({ length: rows }, (__, row) => factor * Math.cos((Math.PI / rows) * (row + 0.5) * column));
  });
}

/** W [zDim, pixels] = Σ σₖ vₖ uₖᵀ of orthonormal v and u. */
function withSingularValues(sigma: readonly number[], zDim: number, pixels: number): Float32Array {
  const [v, u] = [cosines(zDim, sigma.length), cosines(pixels, sigma.length)];
  return Float32Array.from({ length: zDim * pixels }, (_, at) => {
    const [row, column] = [Math.floor(at / pixels), at % pixels];
    return sigma.reduce((sum, value, k) => sum + value * v[k]![row]! * u[k]![column]!, 0);
  });
}

test('a linear network z ↦ z W has the singular values of W everywhere, and their participation ratio', async () => {
  const sigma = [5, 3, 2, 1, 0.5];
  const w = engine.tensor(withSingularValues(sigma, 5, 784), [5, 784]);
  const network = (z: Tensor): Tensor => reshape(matmul(z, w), [z.shape[0]!, 28, 28, 1]);
  const found = await measure(network, 5, seededNormal('points', 7 * 5));
  assertClose(found.singularValues, sigma, 1e-5, 'singular values');
  const squares = sigma.map((value) => value ** 2);
  const total = squares.reduce((sum, value) => sum + value, 0);
  const expected = total ** 2 / squares.reduce((sum, value) => sum + value ** 2, 0);
  assertClose([found.effectiveDimension], [expected], 1e-5, 'effective dimension');
});

test('equal singular values: the dimension of z, more than a pass takes', async () => {
  const w = engine.tensor(withSingularValues(new Array<number>(150).fill(2), 150, 784), [150, 784]);
  const found = await measure((z) => matmul(z, w), 150, seededNormal('points', 2 * 150));
  assertClose(found.singularValues, new Array<number>(150).fill(2), 1e-4, 'singular values');
  assertClose([found.effectiveDimension], [150], 1e-5, 'effective dimension');
});

test('where half of z is ignored, half of the singular values are 0', async () => {
  const mask = engine.tensor([1, 1, 1, 1, 0, 0, 0, 0], [8]);
  const w = engine.tensor(seededNormal('weights', 8 * 100), [8, 100]);
  const { singularValues, effectiveDimension } = await measure(
    (z) => tanh(matmul(mul(z, mask), w)),
    8,
    seededNormal('points', 4 * 8),
  );
  assert.is(singularValues.length, 8);
  assert.ok(singularValues.slice(0, 4).every((value) => value > 0.1));
  assert.ok(singularValues.slice(4).every((value) => value < 1e-5));
  assert.ok(effectiveDimension > 1 && effectiveDimension <= 4 + 1e-6);
});

test('a constant network has none', async () => {
  const zero = engine.tensor(new Float32Array(3 * 10), [3, 10]);
  assert.equal(await measure((z) => matmul(z, zero), 3, [1, 2, 3]), {
    singularValues: [0, 0, 0],
    effectiveDimension: 0,
  });
});

test('each row by its own z: tanh(z W) has the columns W (1 − tanh²)', async () => {
  const [zDim, pixels, points] = [3, 11, 5];
  const weights = seededNormal('weights', zDim * pixels);
  const w = engine.tensor(weights, [zDim, pixels]);
  const z = seededNormal('points', points * zDim);
  await withProbe(
    (x) => tanh(matmul(x, w)),
    zDim,
    async (probe) => {
      let point = 0;
      for await (const columns of probe.jacobians(Float32Array.from(z))) {
        const expected = Float64Array.from({ length: zDim * pixels }, (_, at) => {
          const pixel = at % pixels;
          let sum = 0;
          for (let k = 0; k < zDim; k++) sum += z[point * zDim + k]! * weights[k * pixels + pixel]!;
          return weights[at]! * (1 - Math.tanh(sum) ** 2);
        });
        assertClose(columns, expected, 1e-5, `point ${point}`);
        point += 1;
      }
      assert.is(point, points);
    },
  );
});

for (const name of ['dcgan', 'article'] as const) {
  slow(`${name}: the columns are central differences of the images, also after the weights change`, async () => {
    const [zDim, points, pixels] = [3, 2, 784];
    const size = { zDim, width: 0.125, channels: 1 };
    const generator = ARCHITECTURES[name].generator({ engine, random: seedrandom(name) }, size);
    // Weights as drawn hardly move an image; statistics as of a trained network.
    const enlarge = async (factor: number): Promise<void> => {
      for (const tensor of generator.parameters) {
        if (tensor.name?.endsWith('kernel') === true)
          tensor.write((await tensor.data()).map((value) => factor * value));
      }
    };
    const network = (z: Tensor): Tensor => generator.forward(z, inferencePass(engine));
    const z = Float32Array.from(seededNormal(`${name} points`, points * zDim));
    // Differences of float32 images err by 1e-7 / h, and where a unit's kink lies between the two.
    const h = 2e-4;
    const difference = async (point: number, column: number): Promise<Float32Array> => {
      const at = z.slice(point * zDim, (point + 1) * zDim);
      const moved = [...at.with(column, at[column]! + h), ...at.with(column, at[column]! - h)];
      const input = engine.tensor(moved, [2, zDim]);
      const images = engine.scope(() => engine.noGrad(() => network(input)));
      const values = await images.data();
      input.free();
      images.free();
      return values.subarray(0, pixels).map((value, pixel) => (value - values[pixels + pixel]!) / (2 * h));
    };
    await withProbe(network, zDim, async (probe) => {
      for (const factor of [name === 'dcgan' ? 8 : 1.5, 1.2]) {
        await enlarge(factor);
        let point = 0;
        for await (const columns of probe.jacobians(z)) {
          for (let column = 0; column < zDim; column++) {
            const own = columns.subarray(column * pixels, (column + 1) * pixels);
            const expected = await difference(point, column);
            const norm = Math.hypot(...expected);
            const error = Math.hypot(...own.map((value, pixel) => value - expected[pixel]!)) / norm;
            assert.ok(norm > 0.1, `factor ${factor}: the images move`);
            assert.ok(error < 0.05, `factor ${factor}, point ${point}, column ${column}: off by ${error}`);
          }
          point += 1;
        }
      }
    });
    generator.dispose();
  });
}

test('what a network takes behind z is held still: the columns are those of z alone, at its point', async () => {
  const [zDim, held, pixels, points] = [3, 4, 11, 50];
  const width = zDim + held;
  const weights = seededNormal('weights', width * pixels);
  const w = engine.tensor(weights, [width, pixels]);
  const rows = Float32Array.from(seededNormal('points', points * width));
  const probe = await JacobianProbe.prepare(engine, (x) => tanh(matmul(x, w)), zDim, width);
  let point = 0;
  for await (const columns of probe.jacobians(rows)) {
    const expected = Float64Array.from({ length: zDim * pixels }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += rows[point * width + k]! * weights[k * pixels + (at % pixels)]!;
      return weights[at]! * (1 - Math.tanh(sum) ** 2);
    });
    assertClose(columns, expected, 1e-5, `point ${point}`);
    point += 1;
  }
  assert.is(point, points);
  const { singularValues } = await probe.measure(rows);
  assert.is(singularValues.length, zDim);
  const message = await probe.measure(rows.subarray(1)).then(() => '', String);
  assert.match(message, /it takes finite points of 7, one at least/);
  probe.dispose();
});

test('nothing is left behind, and points that are none are refused', async () => {
  const w = engine.tensor(seededNormal('weights', 6), [2, 3]);
  const network = (z: Tensor): Tensor => transpose(transpose(slice(matmul(z, w), 0, z.shape[0]!)));
  await measure(network, 2, [1, 2]);
  const { bytes } = device.pool;
  await measure(network, 2, [1, 2]);
  assert.is(device.pool.bytes, bytes);
  for (const z of [[], [1, 2, 3], [1, NaN]]) {
    const message = await measure(network, 2, z).then(() => '', String);
    assert.match(message, new RegExp(`JacobianProbe: got ${z.length} numbers; it takes finite points of 2`));
  }
  const factor = engine.tensor([Infinity], [1]);
  const infinite = await measure((z) => mul(z, factor), 2, [1, 2]).then(() => '', String);
  assert.match(infinite, /the Jacobian is not finite: the network diverged/);
});

test.run();
