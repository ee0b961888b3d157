/**
 * @file What the gradient checks of layer and spectral normalisation, packing and the deviation of a batch leave open:
 * how u moves, eagerly and in a recording, what is constant, and what is refused.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import type { SpectralNormaliseOptions } from '../../src/kernels/options.js';
import * as reference from '../reference/ops.js';
import { map64 } from '../reference/tensor.js';
import { openTestDevice } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const tensorOf = ({ data, shape }: reference.Array64, requiresGrad = false): Tensor => {
  return engine.tensor(data, shape, { requiresGrad });
};

test('the power iteration moves u only when told to, and its vectors take no gradient', async () => {
  const weight = tensorOf(seededArray('weight', [5, 3]), true);
  const start = seededArray('u', [3]);
  const u = tensorOf(start);
  const still = ops.powerIteration(weight, u, { moves: false });
  assert.equal([...(await u.data())], [...start.data]);
  const moved = ops.powerIteration(weight, u, { moves: true });
  assert.equal(await moved.u.data(), await still.u.data());
  assert.equal(await u.data(), await moved.u.data());
  assert.equal(
    [moved.u, moved.v].map(({ requiresGrad }) => requiresGrad),
    [false, false],
  );
});

test('σ that the power iteration knows is the one that is computed, and so are the gradients by it', async () => {
  const weight = tensorOf(seededArray('weight', [3, 3, 4, 7]), true);
  const { u, v, sigma } = ops.powerIteration(weight, tensorOf(seededArray('u', [7])), { moves: false });
  const [known, computed] = [
    { u, v, sigma },
    { u, v },
  ].map((vectors) => {
    const normalised = ops.spectralNormalise(weight, vectors);
    const [first] = gradients(ops.sum(ops.square(ops.addScalar(normalised, 1))), [weight], { createGraph: true });
    assert.ok(first);
    const [second] = gradients(ops.sum(ops.square(first)), [weight]);
    assert.ok(second);
    return [vectors.sigma ?? ops.spectralNorm(weight, vectors), normalised, first, second];
  });
  for (const [index, what] of ['σ', 'W / σ', 'its gradient', 'the second'].entries()) {
    const expected = await computed![index]!.data();
    reference.assertClose(await known![index]!.data(), expected, 5e-6, what);
  }
});

test('the gradient of one use keeps its vectors when another use has moved u', async () => {
  const weight = tensorOf(seededArray('weight', [5, 3]), true);
  const gradientAfter = async (uses: number): Promise<number[]> => {
    const u = tensorOf(seededArray('u', [3]));
    const first = ops.spectralNormalise(weight, ops.powerIteration(weight, u, { moves: true }));
    for (let use = 1; use < uses; use++) ops.powerIteration(weight, u, { moves: true });
    const [gradient] = gradients(ops.sum(ops.square(ops.addScalar(first, 1))), [weight]);
    return [...((await gradient?.data()) ?? [])];
  };
  assert.equal(await gradientAfter(3), await gradientAfter(1));
});

test('a recorded step moves u at each replay, with the bits of eager ones', async () => {
  const weight = tensorOf(seededArray('weight', [3, 3, 2, 7]), true);
  const start = seededArray('u', [7]);
  const [eager, replayed] = [tensorOf(start), tensorOf(start)];
  const step = (u: Tensor) => (): Tensor[] => {
    const twice = [1, 2].map((power) => {
      const normalised = ops.spectralNormalise(weight, ops.powerIteration(weight, u, { moves: true }));
      return ops.sum(ops.square(ops.addScalar(normalised, power)));
    });
    return gradients(
      twice.reduce((a, b) => ops.add(a, b)),
      [weight],
    );
  };
  const plan = await engine.record(step(replayed));
  assert.equal([...(await replayed.data())], [...start.data], 'recording runs nothing');
  const seen: string[] = [];
  for (let iteration = 0; iteration < 3; iteration++) {
    const [byHand] = engine.scope(step(eager));
    plan.replay();
    assert.equal(await plan.results[0]?.data(), await byHand?.data(), `gradient ${iteration}`);
    assert.equal(await replayed.data(), await eager.data(), `u after step ${iteration}`);
    seen.push((await eager.data()).join());
    byHand?.free();
  }
  assert.is(new Set(seen).size, 3, 'u moves');
  plan.dispose();
});

test('no gradient passes u and v: they are constants', async () => {
  const weight = tensorOf(seededArray('weight', [5, 3]), true);
  const [u, v] = [tensorOf(seededArray('u', [3]), true), tensorOf(seededArray('v', [5]), true)];
  const loss = ops.sum(ops.spectralNormalise(weight, { u, v }));
  const [byU, byV] = await Promise.all(
    gradients(loss, [u, v], { allowUnused: true }).map((gradient) => gradient.data()),
  );
  assert.equal([...(byU ?? []), ...(byV ?? [])], [0, 0, 0, 0, 0, 0, 0, 0]);
});

/** W / σ, its gradient G of Σ c · (W̄ + W̄²), and the gradient of Σ c · G. */
async function normalisedBy(
  weight: Tensor,
  vectors: SpectralNormaliseOptions<Tensor>,
): Promise<readonly Float32Array[]> {
  const c = tensorOf(seededArray('c', weight.shape));
  const normalised = ops.spectralNormalise(weight, vectors);
  const loss = ops.sum(ops.mul(c, ops.add(normalised, ops.square(normalised))));
  const [first] = gradients(loss, [weight], { createGraph: true });
  assert.ok(first);
  const [second] = gradients(ops.sum(ops.mul(c, first)), [weight]);
  assert.ok(second);
  return Promise.all([normalised, first, second].map((tensor) => tensor.data()));
}

/** With the σ that the power iteration knows, and without. */
function bothWays(weight: Tensor, u: Tensor): readonly SpectralNormaliseOptions<Tensor>[] {
  const found = ops.powerIteration(weight, u, { moves: false });
  return [found, { u: found.u, v: found.v }];
}

test('a kernel of zeros is left as it is, and to both derivatives the normalisation is the identity', async () => {
  const zeros = engine.tensor(new Float32Array(15), [5, 3], { requiresGrad: true });
  const u = tensorOf(reference.array64([3], [0.6, 0.8, 0]));
  const v = tensorOf(reference.array64([5], [1, 0, 0, 0, 0]));
  const none = tensorOf(reference.array64([5]));
  const c = Float32Array.from(seededArray('c', [5, 3]).data);
  for (const vectors of [
    ...bothWays(zeros, u),
    { u, v },
    { u, v: none },
    { u, v, sigma: tensorOf(reference.array64([])) },
  ]) {
    const [normalised, first, second] = await normalisedBy(zeros, vectors);
    assert.equal(normalised, new Float32Array(15));
    assert.equal(first, c);
    assert.equal(
      second,
      c.map((value) => 2 * value * value),
    );
  }
});

test('a u of zeros normalises nothing', async () => {
  const weight = tensorOf(seededArray('weight', [5, 3]), true);
  for (const vectors of bothWays(weight, tensorOf(reference.array64([3])))) {
    const [normalised, first] = await normalisedBy(weight, vectors);
    assert.equal(normalised, await weight.data());
    assert.ok(first!.every(Number.isFinite));
  }
});

test('u outlasts a kernel of zeros, and serves again', async () => {
  const weight = tensorOf(seededArray('weight', [5, 3]), true);
  const values = await weight.data();
  const [start, u] = [seededArray('u', [3]), tensorOf(seededArray('u', [3]))];
  weight.write(new Float32Array(15));
  ops.powerIteration(weight, u, { moves: true });
  assert.equal([...(await u.data())], [...start.data]);
  weight.write(values);
  const { sigma } = ops.powerIteration(weight, u, { moves: true });
  const expected = ops.powerIteration(weight, tensorOf(start), { moves: false });
  assert.equal(await sigma.data(), await expected.sigma.data());
});

test('kernels of any size have the same normalised one, a gradient by 1 / size and a second by 1 / size²', async () => {
  const base = seededArray('weight', [5, 3]);
  const u = tensorOf(seededArray('u', [3]));
  const [plain] = await Promise.all(
    bothWays(tensorOf(base, true), u).map((vectors) => normalisedBy(tensorOf(base, true), vectors)),
  );
  for (const size of [1e-30, 1e-15, 1e15, 1e30]) {
    const weight = tensorOf(
      map64(base, (value) => value * size),
      true,
    );
    for (const vectors of bothWays(weight, u)) {
      const [normalised, first, second] = await normalisedBy(weight, vectors);
      const what = `size ${size}, σ ${vectors.sigma === undefined ? 'computed' : 'known'}`;
      reference.assertClose(normalised!, plain![0]!, 5e-6, what);
      reference.assertClose(
        first!,
        plain![1]!.map((value) => value / size),
        5e-6,
        `gradient, ${what}`,
      );
      // By 1e-30 it is beyond float32.
      if (size === 1e-30) continue;
      const wanted = Float64Array.from(plain![2]!, (value) => (size === 1e30 ? 0 : value / size / size));
      reference.assertClose(second!, wanted, 2e-5, `second, ${what}`);
    }
  }
});

test('a NaN or an infinity in a kernel shows in σ, u and all of the normalised kernel', async () => {
  for (const bad of [NaN, Infinity]) {
    const weight = tensorOf(seededArray('weight', [5, 3]), true);
    const values = await weight.data();
    values[4] = bad;
    weight.write(values);
    const u = tensorOf(seededArray('u', [3]));
    for (const vectors of bothWays(weight, u)) {
      assert.not.ok(
        (await ops.spectralNormalise(weight, vectors).data()).some((value) => value !== 0 && Number.isFinite(value)),
      );
      assert.ok((await ops.spectralNormalise(weight, vectors).data()).some(Number.isNaN));
    }
    const { sigma } = ops.powerIteration(weight, u, { moves: true });
    assert.not.ok(Number.isFinite((await sigma.data())[0]));
    assert.ok((await u.data()).some(Number.isNaN));
  }
});

test('images that are all alike deviate by the root of ε, and their gradient is finite', async () => {
  const x = engine.tensor(new Float32Array(12).fill(3), [3, 2, 2], { requiresGrad: true });
  const y = ops.minibatchStddev(x);
  const [gradient] = gradients(ops.sum(y), [x]);
  assert.equal(y.shape, [3, 2, 3]);
  reference.assertClose(await y.data(), Array.from({ length: 6 }, () => [3, 3, 1e-4]).flat(), 1e-6, 'y');
  assert.equal([...((await gradient?.data()) ?? [])], [...new Float32Array(12).fill(1)]);
});

test('packImages makes each image’s pixels the channels of its pack', async () => {
  const x = engine.tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 1, 2, 1]);
  const y = ops.packImages(x, 2);
  assert.equal(y.shape, [2, 1, 2, 2]);
  assert.equal([...(await y.data())], [1, 3, 2, 4, 5, 7, 6, 8]);
  assert.is(ops.packImages(x, 1), x);
});

test('what does not fit is refused, named and told', () => {
  const x = engine.tensor(new Float32Array(12), [3, 1, 2, 2]);
  const pair = engine.tensor([1, 1], [2]);
  const three = engine.tensor([1, 0, 0], [3]);
  const row = engine.tensor([1, 2], [2]);
  assert.throws(
    () => ops.layerNorm(row, pair, pair, { epsilon: 0 }),
    /layerNorm: got x \[2\], gamma \[2\], beta \[2\]/,
  );
  assert.throws(
    () => ops.layerNorm(x, pair, three, { epsilon: 0 }),
    /beta \[3\]; it takes x \[N, ..., C\] and one value/,
  );

  const weight = engine.tensor(new Float32Array(6), [2, 3]);
  const moves = { moves: true };
  assert.throws(
    () => ops.powerIteration(weight, pair, moves),
    /powerIteration: got a weight \[2, 3\], u \[2\] and axis -1/,
  );
  assert.throws(
    () => ops.powerIteration(weight, pair, { ...moves, axis: 2 }),
    /axis 2; it takes a u of one value for each/,
  );
  assert.throws(() => ops.spectralNorm(weight, { u: pair, v: pair }), /spectralNorm: got a weight \[2, 3\], u \[2\]/);
  const tall = { u: three, v: pair, sigma: pair };
  assert.throws(() => ops.spectralNormalise(weight, tall), /spectralNormalise: got sigma \[2\]; it takes a scalar/);
  const crossed = { u: three, v: three };
  assert.throws(() => ops.spectralNormalise(weight, crossed), /of 3 units and v \[3\]; it takes \[2\]/);

  assert.throws(() => ops.concat(x, pair, -1), /concat: got a \[3, 1, 2, 2\], b \[2\] and axis -1; it takes shapes/);
  assert.throws(() => ops.slice(x, 1, 2, -1), /slice: got x \[3, 1, 2, 2\], first 1, count 2 and axis -1; it takes/);
  for (const count of [2, 0, 1.5]) {
    const got = new RegExp(`packImages: got x \\[3, 1, 2, 2\\] and packs of ${count}; it takes \\[N, H, W, C\\]`);
    assert.throws(() => ops.packImages(x, count), got);
  }
  assert.throws(() => ops.packImages(weight, 2), /packImages: got x \[2, 3\]/);
  assert.throws(() => ops.minibatchStddev(pair), /minibatchStddev: got x \[2\]; it takes \[N, ..., C\]/);
  assert.throws(
    () => ops.minibatchStddev(x, { groups: 2 }),
    /got x \[3, 1, 2, 2\]; it takes .* with N of 2 equal groups/,
  );
});

test.run();
