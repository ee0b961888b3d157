/**
 * @file What programs use besides operations: methods of tensors, valueAndGrad, and the engine's own random stream.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { grad, gradients, valueAndGrad } from '../../src/autograd/grad.js';
import * as tensorOps from '../../src/autograd/ops/tensorOps.js';
import * as ops from '../../src/autograd/ops/index.js';
import { Tensor } from '../../src/autograd/tensor.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device, { force: 'register-4x16' });
const tensor = (...values: number[]): Tensor => engine.tensor(values, [values.length], { requiresGrad: true });
const valuesOf = async (x: Tensor | undefined): Promise<number[]> => [...((await x?.data()) ?? [])];

test('every operation on a tensor is a method of it', () => {
  for (const name of Object.keys(tensorOps)) assert.type(Reflect.get(Tensor.prototype, name), 'function', name);
  assert.is(Reflect.get(Tensor.prototype, 'randomNormal'), undefined);
});

test('methods chain, take options and numbers, and are differentiable', async () => {
  const x = tensor(1, 2, 3, 4, 5, 6).reshape([2, 3]);
  const w = tensor(1, 0, 0, 1, 1, 1).reshape([3, 2]);
  const y = x
    .matmul(w, { activation: 'relu' })
    .add(1)
    .mul(0.5)
    .sub(tensor(1, 2))
    .sum({ axes: [0], keepDims: true });
  assert.equal(y.shape, [1, 2]);
  assert.equal(await valuesOf(y), [6, 5]);
  assert.equal(await valuesOf(x.div(2).add(x.neg()).transpose()), [-0.5, -2, -1, -2.5, -1.5, -3]);
  const [gradient] = grad((at) => at.pow(2).mean().add(at.max()))(tensor(1, 3));
  assert.equal(await valuesOf(gradient), [1, 4]);
});

test('unknown activations are refused by name, also where a kernel would fuse them', () => {
  const x = tensor(1, 2);
  const activate = (activation: unknown): unknown => Reflect.apply(ops.activate, undefined, [x, activation]);
  const known = "'none', 'relu', 'tanh', 'sigmoid', 'gelu', 'geluTanh', 'silu' or { leakyRelu: slope }";
  for (const [activation, got] of [
    ['gelo', "'gelo'"],
    ['toString', "'toString'"],
    [{ leaky: 1 }, '{"leaky":1}'],
    [null, 'null'],
    [undefined, 'undefined'],
  ] as const) {
    assert.throws(
      () => activate(activation),
      (error: Error) => error.message === `activate: got ${got}; it takes ${known}`,
    );
  }
  const pair = x.reshape([2, 1]);
  const options = { activation: 'gelo' };
  assert.throws(
    () => void Reflect.apply(ops.matmul, undefined, [x.reshape([1, 2]), pair, options]),
    /activation: got 'gelo'; it takes 'none'/,
  );
});

test('groupNorm takes ε = 1e-5 if absent, and names itself in errors', async () => {
  const x = engine.tensor([1, 3, 5, 9], [1, 4]);
  const [gamma, beta] = [engine.tensor([1, 1, 1, 1], [4]), engine.tensor([0, 0, 0, 0], [4])];
  const explicit = await valuesOf(ops.groupNorm(x, gamma, beta, { groups: 2, epsilon: 1e-5 }));
  assert.equal(await valuesOf(ops.groupNorm(x, gamma, beta, { groups: 2 })), explicit);
  for (const groups of [1, 2]) {
    const wrong = { groups, epsilon: -1 };
    assert.throws(() => ops.groupNorm(x, gamma, beta, wrong), /^groupNorm: got epsilon -1/);
  }
  assert.throws(
    () => void Reflect.apply(ops.groupNorm, undefined, [x, gamma, beta]),
    /^groupNorm: got no groups; it takes/,
  );
});

test('valueAndGrad returns the value and the gradients of one evaluation', async () => {
  let calls = 0;
  const f = (a: Tensor, b: Tensor): Tensor => {
    calls += 1;
    return a.mul(b).sum();
  };
  const { value, gradients: found } = valueAndGrad(f)(tensor(1, 2), tensor(3, 5));
  assert.equal(await valuesOf(value), [13]);
  assert.equal(await Promise.all(found.map(valuesOf)), [
    [3, 5],
    [1, 2],
  ]);
  assert.is(calls, 1);
  const x = tensor(2);
  const twice = valueAndGrad((at) => at.pow(3).sum(), { createGraph: true })(x);
  assert.equal(await valuesOf(gradients(twice.gradients[0]!.sum(), [x])[0]), [12]);
  assert.throws(() => valueAndGrad(f)(), /valueAndGrad: got no inputs/);
});

test('the engine draws from a stream of its own, which its seed restarts', async () => {
  const draw = (): Promise<number[][]> =>
    Promise.all([
      valuesOf(ops.randomNormal(engine, [5])),
      valuesOf(ops.randomUniform(engine, [5])),
      valuesOf(ops.randomOneHot(engine, 5, [1, 1, 1])),
      valuesOf(ops.dropout(tensor(1, 1, 1, 1, 1, 1, 1, 1), 0.5)),
    ]);
  engine.seed(7);
  const first = await draw();
  const second = await draw();
  first.forEach((values, at) => assert.not.equal(values, second[at]));
  engine.seed(7);
  assert.equal(await draw(), first);
  engine.seed(8);
  assert.not.equal(await draw(), first);
  assert.throws(() => engine.seed(1.5), /seed: got 1.5; it takes an integer from 0 to 2\^32 - 1/);
  assert.throws(() => ops.dropout(tensor(1), 1), /dropout: got rate 1; it takes one from 0 to below 1/);
});

const ones = (): Tensor => engine.tensor(new Float32Array(256).fill(1), [256], { requiresGrad: true });

test("a recorded step draws anew at each replay, and its gradient has the replay's own mask", async () => {
  const x = ones();
  const step = (): readonly [Tensor, Tensor, Tensor] => {
    const y = x.dropout(0.5);
    return [y, gradients(y.sum(), [x])[0]!, ops.randomNormal(engine, [4])];
  };
  const replays = async (): Promise<string[]> => {
    engine.seed(3);
    const plan = await engine.record(step);
    const seen: string[] = [];
    for (let round = 0; round < 3; round++) {
      plan.replay();
      const [y, gradient, noise] = await Promise.all(plan.results.map(valuesOf));
      assert.equal(gradient, y);
      seen.push(JSON.stringify([y, noise]));
    }
    plan.dispose();
    return seen;
  };
  const first = await replays();
  assert.is(new Set(first).size, 3);
  assert.equal(await replays(), first);
});

test('a source completes itself: stream 0 beside a seed, and the engine’s stream without one', async () => {
  const draws = async (source: Partial<ops.RandomSource>) => valuesOf(ops.randomNormal(engine, [3], source));
  const seeded = await draws({ seed: 1 });
  assert.equal(await draws({ seed: 1, stream: 0 }), seeded);
  assert.not.equal(await draws({ seed: 1, stream: 1 }), seeded);
  assert.not.equal(await draws({}), await draws({}));
  const ones = engine.tensor(new Float32Array(64).fill(1), [64]);
  const mask = async (options: ops.DropoutOptions) => valuesOf(ones.dropout(options));
  assert.equal(await mask({ rate: 0.5, seed: 3 }), await mask({ rate: 0.5, seed: 3 }));
  assert.not.equal(await mask({ rate: 0.5 }), await mask({ rate: 0.5 }));
  assert.throws(() => ones.dropout({ rate: 2 }), /^dropout: got rate 2; it takes one from 0 to below 1$/);
  assert.is(ones.addNoise({ deviation: 1 }).size, 64);
});

test('reseeding restarts the replays of a recorded step, which keeps the seed of its recording', async () => {
  const step = (): Tensor => ops.randomNormal(engine, [4]);
  engine.seed(3);
  const plan = await engine.record(step);
  const replayed = (): Promise<number[]> => {
    plan.replay();
    return valuesOf(plan.results);
  };
  const first = await replayed();
  const second = await replayed();
  assert.not.equal(second, first);
  for (const seed of [3, 4]) {
    engine.seed(seed);
    assert.equal(await replayed(), first, `seed ${seed}`);
    assert.equal(await replayed(), second, `seed ${seed}`);
  }
  plan.dispose();
  engine.seed(4);
  const anew = await engine.record(step);
  anew.replay();
  assert.not.equal(await valuesOf(anew.results), first);
  anew.dispose();
});

test('a recording that throws uses up no draws', async () => {
  const step = (): Tensor => ops.randomNormal(engine, [4]);
  engine.seed(5);
  const expected = await valuesOf(step());
  engine.seed(5);
  const failing = engine.record(() => {
    step();
    throw new Error('no step');
  });
  const message = await failing.then(
    () => 'none',
    (error: unknown) => String(error),
  );
  assert.match(message, /no step/);
  assert.equal(await valuesOf(step()), expected);
});

test('a replay does not change the masks of what was dropped before it', async () => {
  const x = ones();
  const y = x.dropout(0.5);
  const before = await valuesOf(y);
  const plan = await engine.record(() => x.dropout(0.5));
  plan.replay();
  plan.replay();
  assert.equal(await valuesOf(gradients(y.sum(), [x])[0]), before);
  plan.dispose();
});

test('preparing a step uses up no draws', async () => {
  const step = (): Tensor => ops.randomNormal(engine, [4]);
  engine.seed(5);
  const expected = await valuesOf(step());
  engine.seed(5);
  await engine.prepare(step);
  assert.equal(await valuesOf(step()), expected);
});

test.run();
