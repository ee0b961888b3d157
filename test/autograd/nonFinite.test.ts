/**
 * @file NaN and infinity in the operations: a NaN shows in the result, the gradient and what is made of it, and nowhere
 * else; an overflow is not taken for a finite value.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import type { Activation } from '../../src/kernels/options.js';
import { openTestDevice } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device, { force: 'register-4x16' });

const ones = (count: number): Tensor => engine.tensor(new Float32Array(count).fill(1), [count], { requiresGrad: true });

/** f(x), the gradient of Σ f², and that of Σ (gradient)². */
async function derivatives(f: (x: Tensor) => Tensor, x: Tensor): Promise<readonly Float32Array[]> {
  const y = f(x);
  const [first] = gradients(ops.sum(ops.square(y)), [x], { createGraph: true });
  assert.ok(first);
  const [second] = gradients(ops.sum(ops.square(first)), [x]);
  assert.ok(second);
  return Promise.all([y, first, second].map((tensor) => tensor.data()));
}

const POINTWISE: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: ops.relu,
  leakyRelu: ops.leakyRelu,
  tanh: ops.tanh,
  sigmoid: ops.sigmoid,
  softplus: ops.softplus,
  gelu: ops.gelu,
  geluTanh: (x) => ops.gelu(x, { form: 'tanh' }),
  silu: ops.silu,
  erf: ops.erf,
  pow: (x) => ops.pow(x, 3),
  'pow by a tensor': (x) => ops.pow(x, engine.tensor([3], [1])),
  clip: (x) => ops.mul(x, ops.clip(x, -4, 4)),
  where: (x) => ops.where(engine.tensor([1], [1]), ops.square(x), x),
  max: (x) => ops.max(ops.reshape(ops.square(x), [5, 1]), { axes: [1] }),
  gather: (x) => ops.gather(ops.square(x), engine.tensor([0, 1, 2, 3, 4], [5])),
  abs: ops.abs,
  exp: ops.exp,
  log: ops.log,
  sqrt: ops.sqrt,
  square: ops.square,
  reciprocal: ops.reciprocal,
  scale: (x) => ops.mul(x, ops.isPositive(x)),
  keep: (x) => ops.mul(x, ops.addScalar(ops.isNotPositive(x), 1)),
  sign: (x) => ops.mul(x, ops.sign(x)),
  pool: (x) => ops.reshape(ops.maxPool2d(ops.reshape(x, [1, 1, 5, 1]), { size: 1 }), [5]),
};

test('a NaN shows in the value and both derivatives, at its own place only', async () => {
  for (const [name, f] of Object.entries(POINTWISE)) {
    const x = engine.tensor([0.5, NaN, 1, 2, 0.25], [5], { requiresGrad: true });
    for (const values of await derivatives(f, x)) {
      assert.equal([...values].map(Number.isNaN), [false, true, false, false, false], name);
    }
  }
});

const ACTIVATIONS: readonly Activation[] = ['relu', 'tanh', 'sigmoid', { leakyRelu: 0.2 }];

test('a NaN passes the fused activations of products and their gradients, eagerly and on the tape', async () => {
  for (const activation of ACTIVATIONS) {
    for (const createGraph of [false, true]) {
      const what = `${JSON.stringify(activation)}, ${createGraph ? 'taped' : 'fused'}`;
      // Row 1 holds the NaN; a bias gradient sums over all rows.
      const rows = engine.tensor([1, 2, NaN, 1, -1, 3], [3, 2], { requiresGrad: true });
      const weight = engine.tensor([1, -1, 0.5, 2, 1, -2, 1, 3], [2, 4], { requiresGrad: true });
      const bias = ones(4);
      const y = ops.matmul(rows, weight, { bias, activation });
      const [dx, , dBias] = gradients(ops.sum(ops.square(y)), [rows, weight, bias], { createGraph });
      assert.equal([...(await y.data())].map(Number.isNaN).indexOf(true), 4, what);
      assert.equal([...(await dx!.data())].map(Number.isNaN), [false, false, true, true, false, false], what);
      assert.ok((await dBias!.data()).every(Number.isNaN), what);

      const images = seededArray('images', [2, 4, 4, 1]);
      images.data[5] = NaN;
      const kernel = engine.tensor(seededArray('kernel', [3, 3, 1, 4]).data, [3, 3, 1, 4], { requiresGrad: true });
      const x = engine.tensor(images.data, images.shape, { requiresGrad: true });
      const [byImage] = gradients(ops.sum(ops.conv2d(x, kernel, { bias, activation })), [x], { createGraph });
      const found = [...(await byImage!.data())].map(Number.isNaN);
      assert.ok(found.slice(0, 16).includes(true) && !found.slice(16).includes(true), `conv2d, ${what}`);
    }
  }
});

test('a NaN in the gradient that comes in passes a ReLU that is shut, and dropout', async () => {
  const x = engine.tensor([-1, 1], [2], { requiresGrad: true });
  const upstream = engine.tensor([NaN, NaN], [2]);
  const counter = device.allocatePersistent(4, 'counter');
  const dropped = (at: Tensor): Tensor => ops.dropout(at, { rate: 0.5, seed: 1, stream: 1, counter });
  for (const f of [ops.relu, ops.leakyRelu, ops.abs, dropped]) {
    const [gradient] = gradients(ops.sum(ops.mul(f(x), upstream)), [x]);
    assert.ok((await gradient!.data()).every(Number.isNaN));
  }
});

test('the NaN of a window takes its gradient, and its derivative is the gather from there', async () => {
  const x = engine.tensor([1, NaN, 3, 4, 5, 6, 8, 7], [1, 2, 4, 1], { requiresGrad: true });
  const weights = engine.tensor([2, 3], [1, 1, 2, 1], { requiresGrad: true });
  const pooled = ops.maxPool2d(x);
  const [dx] = gradients(ops.sum(ops.mul(pooled, weights)), [x], { createGraph: true });
  assert.equal([...(await pooled.data())], [NaN, 8]);
  assert.equal([...(await dx!.data())], [0, 2, 0, 0, 0, 0, 3, 0]);
  const probe = engine.tensor([10, 20, 30, 40, 50, 60, 70, 80], [1, 2, 4, 1]);
  const [byWeights] = gradients(ops.sum(ops.mul(dx!, probe)), [weights]);
  assert.equal([...(await byWeights!.data())], [20, 70]);
});

const NORMALISATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  batchNorm: (x) => ops.batchNorm(x, ones(2), ones(2), { epsilon: 1e-3 }).output,
  groupNorm: (x) => ops.groupNorm(ops.reshape(x, [1, 3, 2]), ones(2), ones(2), { groups: 2, epsilon: 1e-3 }),
  layerNorm: (x) => ops.layerNorm(ops.transpose(x), ones(3), ones(3), { epsilon: 1e-3 }),
  minibatchStddev: (x) => ops.slice(ops.minibatchStddev(x), 2, 1, -1),
};

test('a variance that overflows shows in the output and the gradients of a normalisation, taped ones too', async () => {
  for (const [name, f] of Object.entries(NORMALISATIONS)) {
    for (const createGraph of [false, true]) {
      const x = engine.tensor([1, 0, 2, 3e19, 4, 0], [3, 2], { requiresGrad: true });
      const y = f(x);
      const [gradient] = gradients(ops.sum(y), [x], { createGraph });
      assert.ok(!(await y.data()).every(Number.isFinite), name);
      const found = [...(await gradient!.data())].map(Number.isFinite);
      assert.equal([found[1], found[3], found[5]], [false, false, false], `${name}, taped: ${createGraph}`);
      if (name !== 'minibatchStddev') assert.equal([found[0], found[2], found[4]], [true, true, true], name);
    }
  }
});

test('an infinite running variance shows in inference', async () => {
  const variance = engine.tensor([1, Infinity], [2]);
  const x = engine.tensor([1, 2, 3, 4], [2, 2], { requiresGrad: true });
  const y = ops.batchNormInference(x, ones(2), ones(2), ones(2), variance, { epsilon: 1e-3 });
  for (const createGraph of [false, true]) {
    const [gradient] = gradients(ops.sum(y), [x], { createGraph });
    for (const tensor of [y, gradient!]) {
      assert.equal([...(await tensor.data())].map(Number.isFinite), [true, false, true, false]);
    }
  }
});

test.run();
