/**
 * @file Optimisers over several parameters against the float64 reference, eagerly and in a recorded plan.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { gradients } from '../../../src/autograd/grad.js';
import { add, mean, scale, square, sub, sum } from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { reserveFlatBuffer } from '../../../src/gpu/memory/flatBuffers.js';
import { Adam } from '../../../src/models/optim/adam.js';
import type { Optimiser } from '../../../src/models/optim/optimiser.js';
import { Sgd } from '../../../src/models/optim/sgd.js';
import { oneCycle } from '../../../src/models/optim/schedules.js';
import * as reference from '../../reference/ops.js';
import { openTestDevice } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

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
      optimiser.step(tensors.map(({ shape }, index) => engine.tensor(gradientOf(index, step), shape)));
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
  optimiser.step([engine.tensor([3, -3, 1e4, -1e-2, 0], [5])]);
  // ε = 1e-8 takes 1e-6 of it where |g| = 0.01.
  reference.assertClose(await parameter.data(), [-2e-4, 2e-4, -2e-4, 2e-4, 0], 2e-6, 'first step');
});

test('Adam’s defaults are the paper’s', async () => {
  const { tensors, values } = parametersOf('defaults');
  const optimiser = new Adam(engine, tensors, { learningRate: 0.01 });
  for (let step = 1; step <= 3; step++) {
    optimiser.step(
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
      optimiser.step(drawn.map(({ data, shape }) => engine.tensor(data, shape)));
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
  optimiser.step(gradients(losses.reduce(add), tensors));
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

test('a recorded step follows a schedule by its own count of updates', async () => {
  const { tensors, values } = parametersOf('scheduled');
  const targets = SHAPES.map((shape, index) => seededArray(`target ${index}`, shape));
  const targetTensors = targets.map(({ data, shape }) => engine.tensor(data, shape));
  const schedule = oneCycle(5);
  const optimiser = new Adam(engine, tensors, { ...ADAM, weightDecay: 0.02, schedule });
  const plan = await engine.record(() => {
    descend(tensors, targetTensors, optimiser);
    return undefined;
  });
  for (let replay = 0; replay < 5; replay++) plan.replay();
  for (const [index, start] of values.entries()) {
    const target = targets[index]?.data ?? new Float64Array();
    let state: reference.AdamResult = {
      parameter: start,
      firstMoment: new Float64Array(start.length),
      secondMoment: new Float64Array(start.length),
    };
    for (let step = 1; step <= 5; step++) {
      const gradient = state.parameter.map((value, at) => (2 * (value - target[at]!)) / start.length);
      const learningRate = ADAM.learningRate * schedule[step - 1]!;
      state = reference.adamStep({ ...state, gradient, step, ...ADAM, weightDecay: 0.02, learningRate });
    }
    reference.assertClose((await tensors[index]?.data()) ?? [], state.parameter, 2e-6, `parameter ${index}`);
  }
  plan.dispose();
  optimiser.dispose();
});

test('a schedule without factors, or with one that is no factor, is refused by its place', () => {
  const { tensors } = parametersOf('refused');
  const make =
    (...factors: number[]) =>
    () =>
      new Adam(engine, tensors, { ...ADAM, schedule: Float32Array.from(factors) });
  assert.throws(make(), /Adam: got a schedule without factors; it takes one factor or more/);
  assert.throws(make(1, -0.5), /Adam: got factor -0.5 for update 2/);
  assert.throws(make(1, 1, NaN), /Adam: got factor NaN for update 3/);
  assert.throws(make(Infinity), /Adam: got factor Infinity for update 1/);
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

test('a step of Adam over many workgroups advances its counter once, eagerly and in each replay', async () => {
  const parameter = engine.tensor(new Float32Array(300_001), [300_001]);
  const gradient = engine.tensor(new Float32Array(300_001).fill(1), [300_001]);
  const optimiser = new Adam(engine, [parameter], ADAM);
  const step = (): undefined => {
    optimiser.step([gradient]);
    optimiser.step([gradient]);
  };
  step();
  const plan = await engine.record(step);
  for (let replay = 0; replay < 5; replay++) plan.replay();
  assert.is(await stepsOf(optimiser), 12);
  // With a steady gradient each update is the learning rate: all workgroups read the same count.
  const values = await parameter.data();
  reference.assertClose(
    values,
    values.map(() => -12 * ADAM.learningRate),
    1e-5,
    'parameter',
  );
  plan.dispose();
  optimiser.dispose();
});

/** Sizes that fill no word, one word and many, and no multiple of what parts are aligned to. */
const ODD = [1, 3, 64, 65, 1000];

interface Updated {
  readonly values: readonly Float32Array[];
  readonly kernels: readonly string[];
}

/** Parameters of odd sizes after 3 updates, with the optimiser's state, and the kernels of one update. */
async function updated(
  make: (tensors: readonly Tensor[]) => Optimiser,
  how: 'together' | 'tensor by tensor' | 'eagerly',
): Promise<Updated> {
  const tensors = ODD.map((count, index) => {
    return engine.tensor(seededArray(`odd ${index}`, [count]).data, [count], { name: `odd ${index}` });
  });
  const inputs = ODD.map((count) => engine.tensor(new Float32Array(count), [count]));
  const optimiser = make(tensors);
  const step = (): undefined => {
    const gradientsOf = inputs.map((input) => scale(input, 2));
    // What is a part of something else already cannot be brought together with the others.
    if (how === 'tensor by tensor')
      reserveFlatBuffer(
        device,
        gradientsOf.slice(1, 3).map(({ buffer }) => buffer),
      );
    optimiser.step(gradientsOf);
  };
  const trace = device.trace(step);
  // The gaps between the gradients are to hold NaN: the plan is given the memory that was freed last.
  const dirty = device.allocatePersistent(1280 + 4096, 'dirty');
  const { memory } = dirty;
  device.write(dirty, new Float32Array(dirty.size / 4).fill(NaN));
  device.free(dirty);
  const plan = await device.compile(trace);
  const update = trace.commands.find(({ kernel }) => ['adam', 'sgd'].includes(kernel.name));
  if (how === 'together') assert.is(update?.buffers[1]?.memory, memory);
  for (let round = 1; round <= 3; round++) {
    inputs.forEach((input, index) => input.write(Float32Array.from(drawnAt(index, round), (value) => value / 2)));
    if (how === 'eagerly') engine.scope(step);
    else plan.replay();
  }
  const values = await Promise.all([...tensors, ...optimiser.state].map((tensor) => tensor.data()));
  plan.dispose();
  optimiser.dispose();
  for (const tensor of [...tensors, ...inputs]) tensor.free();
  return { values, kernels: plan.commands.map(({ kernel }) => kernel.name).filter((name) => name !== 'scale') };
}

const drawnAt = (index: number, step: number): Float64Array => seededArray(`odd ${index} ${step}`, [ODD[index]!]).data;

const MAKERS: readonly (readonly [string, readonly string[], (tensors: readonly Tensor[]) => Optimiser])[] = [
  ['adam', [], (tensors) => new Adam(engine, tensors, { ...ADAM, weightDecay: 0.01 })],
  ['sgd', [], (tensors) => new Sgd(engine, tensors, { learningRate: 0.05, weightDecay: 0.01 })],
  ['sgd', [], (tensors) => new Sgd(engine, tensors, { learningRate: 0.05, momentum: 0.9 })],
];

for (const [index, [kernel, others, make]] of MAKERS.entries()) {
  test(`${kernel} (${index}) of a recorded step is one dispatch, with the bits of one for each tensor`, async () => {
    const together = await updated(make, 'together');
    assert.equal(together.kernels, [kernel, ...others]);
    const apart = await updated(make, 'tensor by tensor');
    assert.equal(apart.kernels, [...ODD.map(() => kernel), ...others]);
    assert.equal(apart.values, together.values);
    assert.equal((await updated(make, 'eagerly')).values, together.values);
    assert.ok(together.values.every((values) => values.every(Number.isFinite)));
  });
}

test('Adam over tensors of odd sizes in one dispatch', async () => {
  const settings = { ...ADAM, weightDecay: 0.01 };
  const { values } = await updated((tensors) => new Adam(engine, tensors, settings), 'together');
  ODD.forEach((count, index) => {
    const start = seededArray(`odd ${index}`, [count]).data;
    const expected = adamSteps(start, 3, (_, step) => drawnAt(index, step), settings);
    reference.assertClose(values[index] ?? [], expected.parameter, 1e-6, `parameter of ${count}`);
    reference.assertClose(values[index + ODD.length] ?? [], expected.firstMoment, 1e-6, `first moment of ${count}`);
    reference.assertClose(values[index + 2 * ODD.length] ?? [], expected.secondMoment, 1e-6, `second of ${count}`);
  });
});

test('gradients that are one tensor, or made from one another, are updated by just the same', async () => {
  const run = async (record: boolean): Promise<Float32Array[]> => {
    const [a, b, c] = [0, 1, 2].map((value) => engine.tensor([value, 1], [2], { requiresGrad: true }));
    const optimiser = new Adam(engine, [a!, b!, c!], ADAM);
    const step = (): undefined => {
      optimiser.step(gradients(sum(square(sub(add(a!, b!), c!))), [a!, b!, c!]));
    };
    const plan = await engine.record(step);
    for (let update = 0; update < 3; update++) {
      if (record) plan.replay();
      else engine.scope(step);
    }
    const values = await Promise.all([a!, b!, c!].map((tensor) => tensor.data()));
    plan.dispose();
    return values;
  };
  assert.equal(await run(true), await run(false));
});

test('two optimisers of one parameter each update it, and a later one of the same network does so in one dispatch', async () => {
  const { tensors } = parametersOf('two');
  const [first, second] = [new Adam(engine, tensors, ADAM), new Sgd(engine, tensors.slice(1), { learningRate: 1 })];
  const ones = tensors.map(({ shape, size }) => engine.tensor(new Float32Array(size).fill(1), shape));
  const before = await Promise.all(tensors.map((tensor) => tensor.data()));
  second.step(ones.slice(1));
  const after = await Promise.all(tensors.map((tensor) => tensor.data()));
  assert.equal(after[0], before[0]);
  assert.equal(
    after.slice(1),
    before.slice(1).map((values) => values.map((value) => value - 1)),
  );
  first.dispose();
  second.dispose();
  const third = new Sgd(engine, tensors, { learningRate: 1 });
  const { commands } = device.trace(() => third.step(ones.map((one) => scale(one, 1))));
  assert.is(commands.filter(({ kernel }) => kernel.name === 'sgd').length, 1);
  third.dispose();
});

test('a plan that was recorded before there was an optimiser sees what it does', async () => {
  const parameters = [1, 2].map((value) => engine.tensor([value, value], [2], { requiresGrad: true }));
  const plan = await engine.record(() => add(parameters[0]!, parameters[1]!));
  const optimiser = new Sgd(engine, parameters, { learningRate: 1 });
  optimiser.step(parameters.map(() => engine.tensor([10, 20], [2])));
  plan.replay();
  assert.equal(await plan.results.data(), Float32Array.of(3 - 20, 3 - 40));
  plan.dispose();
});

test('a wrong number of gradients is refused', () => {
  const { tensors } = parametersOf('count');
  const refusal = /optimiser: got 1 gradients for 3 parameters/;
  assert.throws(() => new Adam(engine, tensors, ADAM).step(tensors.slice(0, 1)), refusal);
  assert.throws(() => new Sgd(engine, tensors, { learningRate: 1 }).step(tensors.slice(0, 1)), refusal);
});

test.run();
