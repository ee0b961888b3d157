/**
 * @file Optimisers over several parameters against the float64 reference, eagerly and in a recorded plan.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import { add, mean, square, sub } from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { Adam, type Optimiser, Sgd } from '../../src/models/optimisers.js';
import * as reference from '../reference/ops.js';
import { openTestDevice } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const SHAPES = [[6, 5], [5], [3, 3, 2, 4]] as const;

/** Parameters of several shapes, their values drawn from `seed`. */
function parametersOf(seed: string): { tensors: Tensor[]; values: Float64Array[] } {
  const arrays = SHAPES.map((shape, index) => seededArray(`${seed}/${index}`, shape));
  const tensors = arrays.map(({ data, shape }, index) => {
    return engine.tensor(data, shape, { name: `p${index}`, requiresGrad: true });
  });
  return { tensors, values: arrays.map(({ data }) => data) };
}

async function stepsOf({ stepCounter }: Adam): Promise<number> {
  const [bytes] = await device.read(stepCounter);
  return new Uint32Array(bytes ?? new ArrayBuffer(4))[0] ?? NaN;
}

const ADAM = { learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** The reference's steps on one parameter, given its gradient as a function of the values and the step's number. */
function adamSteps(
  parameter: Float64Array,
  steps: number,
  gradientOf: (values: Float64Array, step: number) => Float64Array,
  settings = ADAM,
): reference.AdamResult {
  let state: reference.AdamResult = {
    parameter,
    firstMoment: new Float64Array(parameter.length),
    secondMoment: new Float64Array(parameter.length),
  };
  for (let step = 1; step <= steps; step++) {
    const gradient = gradientOf(state.parameter, step);
    state = reference.adamStep({ ...state, gradient, step, ...settings });
  }
  return state;
}

for (const settings of [ADAM, { ...ADAM, beta1: 0.1, epsilon: 1e-7, weightDecay: 0.02 }]) {
  test(`Adam over 8 steps, ${JSON.stringify(settings)}`, async () => {
    const { tensors, values } = parametersOf('adam');
    const optimiser = new Adam(engine, tensors, settings);
    const gradientOf = (index: number, step: number): Float64Array =>
      seededArray(`gradient ${index} ${step}`, [values[index]?.length ?? 0]).data;
    for (let step = 1; step <= 8; step++) {
      optimiser.update(tensors.map(({ shape }, index) => engine.tensor(gradientOf(index, step), shape)));
    }
    assert.is(await stepsOf(optimiser), 8);
    for (const [index, start] of values.entries()) {
      const expected = adamSteps(start, 8, (_, step) => gradientOf(index, step), settings);
      // An update is at most a few lr; the rounding of the parameter, half an ulp of up to 4 a step, rules.
      reference.assertClose((await tensors[index]?.data()) ?? [], expected.parameter, 1e-6, `parameter ${index}`);
      const [first, second] = [optimiser.state[index], optimiser.state[index + SHAPES.length]];
      reference.assertClose((await first?.data()) ?? [], expected.firstMoment, 1e-6, `first moment ${index}`);
      reference.assertClose((await second?.data()) ?? [], expected.secondMoment, 1e-6, `second moment ${index}`);
    }
    optimiser.dispose();
  });
}

test('Adam’s first step is the learning rate against the gradient’s sign, however large the gradient', async () => {
  const parameter = engine.tensor([0, 0, 0, 0, 0], [5], { requiresGrad: true });
  const optimiser = new Adam(engine, [parameter], { learningRate: 2e-4, beta1: 0.5 });
  optimiser.update([engine.tensor([3, -3, 1e4, -1e-2, 0], [5])]);
  // ε = 1e-8 takes 1e-6 of it where |g| = 0.01.
  reference.assertClose(await parameter.data(), [-2e-4, 2e-4, -2e-4, 2e-4, 0], 2e-6, 'first step');
});

test('Adam’s defaults are the paper’s', async () => {
  const { tensors, values } = parametersOf('defaults');
  const optimiser = new Adam(engine, tensors, { learningRate: 0.01 });
  for (let step = 1; step <= 3; step++) {
    optimiser.update(
      tensors.map(({ shape }, index) => engine.tensor(seededArray(`d${index} ${step}`, shape).data, shape)),
    );
  }
  const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  for (const [index, start] of values.entries()) {
    const expected = adamSteps(start, 3, (_, step) => seededArray(`d${index} ${step}`, [start.length]).data, settings);
    reference.assertClose((await tensors[index]?.data()) ?? [], expected.parameter, 2e-6, `parameter ${index}`);
  }
});

for (const momentum of [0, 0.9]) {
  test(`SGD with momentum ${momentum}`, async () => {
    const { tensors, values } = parametersOf('sgd');
    const settings = { learningRate: 0.05, momentum, weightDecay: 0.01 };
    const optimiser = new Sgd(engine, tensors, settings);
    assert.is(optimiser.state.length, momentum === 0 ? 0 : SHAPES.length);
    const expected = values.map((parameter): reference.SgdResult => {
      return { parameter, velocity: new Float64Array(parameter.length) };
    });
    for (let step = 1; step <= 6; step++) {
      const drawn = SHAPES.map((shape, index) => seededArray(`sgd ${index} ${step}`, shape));
      optimiser.update(drawn.map(({ data, shape }) => engine.tensor(data, shape)));
      expected.forEach((state, index) => {
        const gradient = drawn[index]?.data ?? new Float64Array();
        expected[index] = reference.sgdStep({ ...state, gradient, ...settings });
      });
    }
    for (const [index, { parameter, velocity }] of expected.entries()) {
      reference.assertClose((await tensors[index]?.data()) ?? [], parameter, 1e-6, `parameter ${index}`);
      if (momentum === 0) continue;
      reference.assertClose((await optimiser.state[index]?.data()) ?? [], velocity, 1e-6, `velocity ${index}`);
    }
    optimiser.dispose();
  });
}

/** Σ over parameters of mean((p − target)²), and the update by its gradients. */
function descend(tensors: readonly Tensor[], targets: readonly Tensor[], optimiser: Optimiser): void {
  const losses = tensors.map((tensor, index) => mean(square(sub(tensor, targets[index] ?? tensor))));
  optimiser.update(gradients(losses.reduce(add), tensors));
}

test('the state survives a recorded plan: 5 replays are 5 steps of the reference', async () => {
  const { tensors, values } = parametersOf('replay');
  const targets = SHAPES.map((shape, index) => seededArray(`target ${index}`, shape));
  const targetTensors = targets.map(({ data, shape }) => engine.tensor(data, shape));
  const optimiser = new Adam(engine, tensors, ADAM);
  const plan = await engine.record(() => {
    descend(tensors, targetTensors, optimiser);
    return undefined;
  });
  assert.is(await stepsOf(optimiser), 0, 'recording runs nothing');
  assert.equal(await tensors[0]?.data(), Float32Array.from(values[0] ?? []));
  for (let replay = 0; replay < 5; replay++) plan.replay();
  assert.is(await stepsOf(optimiser), 5);
  for (const [index, start] of values.entries()) {
    const target = targets[index]?.data ?? new Float64Array();
    const gradientOf = (now: Float64Array): Float64Array =>
      now.map((value, at) => (2 * (value - target[at]!)) / now.length);
    const expected = adamSteps(start, 5, gradientOf);
    reference.assertClose((await tensors[index]?.data()) ?? [], expected.parameter, 2e-6, `parameter ${index}`);
    reference.assertClose((await optimiser.state[index]?.data()) ?? [], expected.firstMoment, 3e-6, `moment ${index}`);
  }
  plan.dispose();
});

test('replays and eager updates share one state, bit for bit', async () => {
  const run = async (replays: readonly boolean[]): Promise<Float32Array[]> => {
    const { tensors } = parametersOf('mixed');
    const targets = SHAPES.map((shape, index) => engine.tensor(seededArray(`target ${index}`, shape).data, shape));
    const optimiser = new Adam(engine, tensors, ADAM);
    const step = (): undefined => {
      descend(tensors, targets, optimiser);
    };
    const plan = await engine.record(step);
    for (const replay of replays) {
      if (replay) plan.replay();
      else engine.scope(step);
    }
    return Promise.all([...tensors, ...optimiser.state].map((tensor) => tensor.data()));
  };
  const eager = await run([false, false, false, false]);
  assert.equal(await run([true, true, true, true]), eager);
  assert.equal(await run([true, false, false, true]), eager);
});

test('a wrong number of gradients is refused', () => {
  const { tensors } = parametersOf('count');
  const refusal = /optimiser: got 1 gradients for 3 parameters/;
  assert.throws(() => new Adam(engine, tensors, ADAM).update(tensors.slice(0, 1)), refusal);
  assert.throws(() => new Sgd(engine, tensors, { learningRate: 1 }).update(tensors.slice(0, 1)), refusal);
});

test.run();
