import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients, checkSecondOrder, type CheckInput } from '../../src/autograd/gradcheck.js';
import { Engine } from '../../src/autograd/engine.js';
import { grad, gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import * as reference from '../reference/ops.js';
import { type Array64, map64 } from '../reference/tensor.js';
import { both, normal, type SharedOps } from '../support/both.js';
import { openTestDevice } from '../support/device.js';
import { CASES } from './cases.js';

const device = await openTestDevice();
test.after(() => device.destroy());

// One tile for all products, which is enough here: that all tiles agree is shown elsewhere.
const engine = new Engine(device, { force: 'register-4x16' });

/** Differences of differences, by steps of 1e-4, err by some 1e-6 of the fourth derivatives, which are larger. */
const TOLERANCE = 5e-5;

for (const [family, cases] of Object.entries(CASES)) {
  test(`second derivatives of ${family} are differences of differences`, async () => {
    for (const [name, { f, inputs }] of Object.entries(cases)) {
      const { errors, worst } = await checkSecondOrder(engine, both(engine, f), inputs);
      assert.ok(worst <= TOLERANCE, `${name}: off by ${errors.map((error) => error.toExponential(1)).join(', ')}`);
    }
  });
}

const BATCH = 2;
const SLOPE = 0.2;
const LEAKY = { leakyRelu: SLOPE };

/** A critic, [N, 6, 6, 1] to one value an image: conv2d, leaky ReLU, conv2d, leaky ReLU, dense. */
interface Critic<T> {
  readonly w1: T;
  readonly b1: T;
  readonly w2: T;
  readonly b2: T;
  readonly w3: T;
  readonly b3: T;
}

const FIRST = { stride: 2 } as const;
const SECOND = { padding: 'valid' } as const;

function criticOf<T>(weights: readonly T[]): Critic<T> {
  const [w1, b1, w2, b2, w3, b3] = weights;
  if (!w1 || !b1 || !w2 || !b2 || !w3 || !b3) throw new Error('a critic has six weights');
  return { w1, b1, w2, b2, w3, b3 };
}

const criticInputs: readonly CheckInput[] = [
  scaled(normal('w1', 3, 3, 1, 2), 0.5),
  scaled(normal('b1', 2), 0.5),
  scaled(normal('w2', 2, 2, 2, 3), 0.5),
  scaled(normal('b2', 3), 0.5),
  scaled(normal('w3', 12, 1), 0.7),
  normal('b3', 1),
];

function scaled({ shape, values }: CheckInput, by: number): CheckInput {
  return { shape, values: Float32Array.from(values, (value) => value * by) };
}

function critic<T>(o: SharedOps<T>, x: T, { w1, b1, w2, b2, w3, b3 }: Critic<T>): T {
  const first = o.conv2d(x, w1, { ...FIRST, bias: b1, activation: LEAKY });
  const second = o.conv2d(first, w2, { ...SECOND, bias: b2, activation: LEAKY });
  return o.matmul(o.reshape(second, [BATCH, 12]), w3, { bias: b3 });
}

/** E[(‖∇‖₂ − 1)²] over the images of a batch of gradients. */
function penaltyOf<T>(o: SharedOps<T>, gradient: T, size: number): T {
  const norms = o.sqrt(o.sum(o.square(o.reshape(gradient, [BATCH, size])), { axes: [1] }));
  return o.mean(o.square(o.addScalar(norms, -1)));
}

/** ∂ ΣD(x) / ∂x on the GPU, by the tape. */
function criticGradient(x: Tensor, weights: Critic<Tensor>): Tensor {
  const [gradient] = grad((at) => ops.sum(critic(ops, at, weights)), { createGraph: true })(x);
  assert.ok(gradient);
  return gradient;
}

/** The same by hand, in float64. `nearest` is how near any leaky ReLU came to its kink. */
function criticGradient64(x: Array64, { w1, b1, w2, b2, w3 }: Critic<Array64>): { gradient: Array64; nearest: number } {
  const one = reference.conv2d(x, w1, { ...FIRST, bias: b1 });
  const two = reference.conv2d(reference.leakyRelu(one, SLOPE), w2, { ...SECOND, bias: b2 });
  const slopes = (before: Array64): Array64 => map64(before, (value) => (value > 0 ? 1 : SLOPE));
  const readBack = reference.broadcastTo(reference.reshape(w3, [1, ...two.shape.slice(1)]), two.shape);
  const byTwo = reference.mul(readBack, slopes(two));
  const byOne = reference.mul(
    reference.convTranspose2d(byTwo, w2, { ...SECOND, outputSize: [one.shape[1]!, one.shape[2]!] }),
    slopes(one),
  );
  const gradient = reference.convTranspose2d(byOne, w1, { ...FIRST, outputSize: [x.shape[1]!, x.shape[2]!] });
  const nearest = Math.min(...[one, two].flatMap(({ data }) => [...data].map(Math.abs)));
  return { gradient, nearest };
}

const arrayOf = ({ shape, values }: CheckInput): Array64 => {
  return reference.array64(shape, Float32Array.from(values));
};

/** First differences, of step 1e-4, of a function that is smooth within reach; the roundings of two backward passes. */
const PENALTY_TOLERANCE = 2e-5;

test('the hand-written gradient of the critic is that of differences', () => {
  const x = arrayOf(normal('images', BATCH, 6, 6, 1));
  const weights = criticOf(criticInputs.map(arrayOf));
  const { gradient, nearest } = criticGradient64(x, weights);
  assert.ok(nearest > 5e-3, `an activation is ${nearest} from its kink; take other seeds`);
  const [expected] = reference.centralDifferences((at) => reference.sum(critic<Array64>(reference, at, weights)), [x]);
  assert.ok(expected);
  reference.assertClose(gradient.data, expected.data, 1e-9, 'critic');
});

test('WGAN-GP: the gradient penalty of a critic, by all of its weights and by the images', async () => {
  const f = {
    gpu: (x: Tensor, ...weights: Tensor[]) => penaltyOf<Tensor>(ops, criticGradient(x, criticOf(weights)), 36),
    reference: (x: Array64, ...weights: Array64[]) => {
      return penaltyOf<Array64>(reference, criticGradient64(x, criticOf(weights)).gradient, 36);
    },
  };
  const inputs = [normal('images', BATCH, 6, 6, 1), ...criticInputs];
  const { errors, worst } = await checkGradients(engine, f, inputs);
  assert.ok(worst <= PENALTY_TOLERANCE, `x, w1, b1, w2, b2, w3, b3: ${errors.join(', ')}`);
});

test('the penalty of a piecewise linear critic has no gradient by the images and the biases, and has one by the weights', async () => {
  const x = tensorOf(normal('images', BATCH, 6, 6, 1));
  const weights = criticInputs.map(tensorOf);
  const [byX, byW1, byB1, , byB2, byW3, byB3] = await Promise.all(
    gradients(penaltyOf<Tensor>(ops, criticGradient(x, criticOf(weights)), 36), [x, ...weights], {
      allowUnused: true,
    }).map((t) => t.data()),
  );
  for (const flat of [byX, byB1, byB2, byB3]) assert.ok(flat?.every((value) => value === 0));
  for (const steep of [byW1, byW3]) assert.ok(steep?.some((value) => Math.abs(value) > 1e-2));
});

const tensorOf = ({ shape, values }: CheckInput): Tensor => engine.tensor(values, shape, { requiresGrad: true });

/** z [N, 3, 3, 2] to an image [N, 6, 6, 1]: tanh(convTranspose2d(z, w) + bias). */
function generator<T>(o: SharedOps<T>, z: T, w: T, bias: T): T {
  return o.convTranspose2d(z, w, { stride: 2, bias, activation: 'tanh' });
}

const generatorInputs: readonly CheckInput[] = [
  normal('z', BATCH, 3, 3, 2),
  scaled(normal('generator', 3, 3, 1, 2), 0.4),
  scaled(normal('generator bias', 1), 0.3),
];

/** ∂ ΣD(G(z)) / ∂z by hand: conv2d by G's weights is the adjoint of its convTranspose2d. */
function throughGenerator64(z: Array64, w: Array64, bias: Array64, weights: Critic<Array64>): Array64 {
  const image = generator<Array64>(reference, z, w, bias);
  const { gradient } = criticGradient64(image, weights);
  const slopes = map64(image, (y) => 1 - y * y);
  return reference.conv2d(reference.mul(gradient, slopes), w, { stride: 2 });
}

test('the penalty by z, through a generator with convTranspose2d and tanh, by z and all weights of both', async () => {
  const f = {
    gpu: (...[z, w, bias, ...weights]: Tensor[]) => {
      assert.ok(z && w && bias);
      const through = (at: Tensor) => ops.sum(critic(ops, generator<Tensor>(ops, at, w, bias), criticOf(weights)));
      const [gradient] = grad(through, { createGraph: true })(z);
      assert.ok(gradient);
      return penaltyOf<Tensor>(ops, gradient, 18);
    },
    reference: (...[z, w, bias, ...weights]: Array64[]) => {
      assert.ok(z && w && bias);
      return penaltyOf<Array64>(reference, throughGenerator64(z, w, bias, criticOf(weights)), 18);
    },
  };
  const [z, w, bias] = generatorInputs.map(arrayOf);
  assert.ok(z && w && bias);
  const { nearest } = criticGradient64(generator<Array64>(reference, z, w, bias), criticOf(criticInputs.map(arrayOf)));
  assert.ok(nearest > 1e-3, `an activation is ${nearest} from its kink; take other seeds`);
  const { errors, worst } = await checkGradients(engine, f, [...generatorInputs, ...criticInputs]);
  assert.ok(worst <= PENALTY_TOLERANCE, `z, w, bias, w1, b1, w2, b2, w3, b3: ${errors.join(', ')}`);
});

test('a penalty added to a loss has the sum of the gradients, recorded as a plan as well', async () => {
  const x = tensorOf(normal('images', BATCH, 6, 6, 1));
  const weights = criticInputs.map(tensorOf);
  const loss = (): Tensor => ops.mean(critic(ops, x, criticOf(weights)));
  const penalty = (): Tensor => penaltyOf<Tensor>(ops, criticGradient(x, criticOf(weights)), 36);
  const step = (): Tensor[] => gradients(ops.add(loss(), ops.scale(penalty(), 10)), weights);
  const read = (tensors: readonly Tensor[]) => Promise.all(tensors.map((tensor) => tensor.data()));
  const both = await read(step());
  const ofLoss = await read(gradients(loss(), weights));
  const ofPenalty = await read(gradients(penalty(), weights, { allowUnused: true }));
  const plan = await engine.record(step);
  plan.replay();
  const replayed = await read(plan.results);
  both.forEach((values, index) => {
    const expected = ofLoss[index]?.map((value, at) => value + 10 * ofPenalty[index]![at]!) ?? [];
    reference.assertClose(values, expected, 1e-5, `weight ${index}`);
    assert.equal(replayed[index], values, `weight ${index}, replayed`);
  });
  plan.dispose();
});

test('third and fourth order: x⁴, and tanh', async () => {
  const points = [0.5, -1.25, 2];
  const x = engine.tensor(points, [3], { requiresGrad: true });
  const derivative = (f: (at: Tensor) => Tensor) => {
    return (at: Tensor): Tensor => {
      const [gradient] = grad((t) => ops.sum(f(t)), { createGraph: true })(at);
      assert.ok(gradient);
      return gradient;
    };
  };
  const second = derivative(derivative((t) => ops.mul(ops.square(t), ops.square(t))));
  assert.equal(
    Array.from(await second(x).data()),
    points.map((value) => 12 * value ** 2),
  );
  assert.equal(
    Array.from(await derivative(second)(x).data()),
    points.map((value) => 24 * value),
  );
  assert.equal(Array.from(await derivative(derivative(second))(x).data()), [24, 24, 24]);

  const third = await derivative(derivative(derivative(ops.tanh)))(x).data();
  const expected = points.map((value) => {
    const y = Math.tanh(value);
    return (1 - y * y) * (6 * y * y - 2);
  });
  reference.assertClose(third, expected, 5e-6, 'tanh‴');
});

test.run();
