import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients } from '../../src/autograd/gradcheck.js';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { both } from '../support/both.js';
import { openTestDevice } from '../support/device.js';
import { CASES } from './cases.js';

const device = await openTestDevice();
test.after(() => device.destroy());

// One tile for all products, which is enough here: that all tiles agree is shown elsewhere.
const engine = new Engine(device, { force: 'register-4x16' });

/**
 * Relative to the gradient's largest value: a few dozen roundings of 6e-8 each, exp and tanh off by some ulp, and the
 * differences' own error of some 1e-8.
 */
const TOLERANCE = 5e-6;

for (const [family, cases] of Object.entries(CASES)) {
  test(`gradients of ${family} are those of central differences`, async () => {
    for (const [name, { f, inputs }] of Object.entries(cases)) {
      const { errors, worst } = await checkGradients(engine, both(engine, f), inputs);
      assert.ok(worst <= TOLERANCE, `${name}: off by ${errors.map((error) => error.toExponential(1)).join(', ')}`);
    }
  });
}

test('every operation has a case', () => {
  const untested = new Set([
    'activate',
    'argmax',
    'sign',
    'isPositive',
    'isNotPositive',
    'isNotZero',
    'fillLike',
    'sumTo',
    'dropout',
    'addNoise',
    'powerIteration',
  ]);
  const names = Object.values(CASES).flatMap((cases) => Object.values(cases).map(({ f }) => f.toString()));
  for (const op of Object.keys(ops)) {
    if (untested.has(op) || op.startsWith('random')) continue;
    assert.ok(
      names.some((text) => text.includes(`o.${op}(`)),
      `${op} has no case in cases.ts`,
    );
  }
});

test('the labels of softmaxCrossEntropy take no gradient, and it says so', () => {
  const logits = engine.tensor([1, 2, 3, 4], [2, 2], { requiresGrad: true });
  const labels = engine.tensor([1, 0, 0, 1], [2, 2], { requiresGrad: true });
  const loss = ops.softmaxCrossEntropy(logits, labels);
  assert.throws(() => gradients(loss, [labels]), /softmaxCrossEntropy: the labels are constants/);
  assert.equal(gradients(loss, [logits]).length, 1);
});

test('no gradient passes sign, and the statistics of batchNorm are constants', async () => {
  const x = engine.tensor([1, -2, 3, 4], [2, 2], { requiresGrad: true });
  const one = engine.tensor([1, 1], [2]);
  const { mean, variance } = ops.batchNorm(x, one, one, { epsilon: 1e-3 });
  const loss = ops.add(ops.sum(ops.sign(x)), ops.add(ops.sum(mean), ops.sum(variance)));
  const [gradient] = gradients(loss, [x]);
  assert.equal(Array.from((await gradient?.data()) ?? []), [0, 0, 0, 0]);
});

test('batchNorm takes groups that the first axis holds evenly, and says so', () => {
  const x = engine.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  const one = engine.tensor([1, 1], [2]);
  for (const groups of [2, 0, 1.5]) {
    const takes = new RegExp(`batchNorm: got x \\[3, 2\\]; it takes a first axis of ${groups} equal groups`);
    assert.throws(() => ops.batchNorm(x, one, one, { epsilon: 1e-3, groups }), takes);
  }
  assert.equal(ops.batchNorm(x, one, one, { epsilon: 1e-3, groups: 3 }).mean.shape, [3, 2]);
});

test('kinks: relu, leakyRelu and abs have a derivative at 0, the one they promise', async () => {
  const x = engine.tensor([0, -0, 2], [3], { requiresGrad: true });
  const at = async (f: (tensor: Tensor) => Tensor): Promise<number[]> => {
    const [gradient] = gradients(ops.sum(f(x)), [x]);
    return Array.from((await gradient?.data()) ?? []);
  };
  assert.equal(await at(ops.relu), [0, 0, 1]);
  assert.equal(await at(ops.abs), [0, 0, 1]);
  assert.equal(await at((t) => ops.leakyRelu(t, 0.5)), [0.5, 0.5, 1]);
});

test.run();
