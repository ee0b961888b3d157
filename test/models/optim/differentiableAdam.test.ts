/**
 * @file Adam's updates as differentiable operations: the values that the kernel would leave, and their gradients.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients } from '../../../src/autograd/gradcheck.js';
import { Engine } from '../../../src/autograd/engine.js';
import { gradients } from '../../../src/autograd/grad.js';
import { add, mul, square, sum } from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { Adam, type AdamSettings } from '../../../src/models/optim/adam.js';
import { type AdamColumn, columnsOf, unrolledUpdate } from '../../../src/models/optim/differentiableAdam.js';
import * as reference from '../../reference/ops.js';
import { normal } from '../../support/both.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const SIZES = [6, 5];

/** An optimiser that has made some updates. */
function trained(settings: AdamSettings, updates: number): { adam: Adam; parameters: Tensor[] } {
  const parameters = SIZES.map((size, at) => {
    return engine.tensor(seededNormal(`parameter ${at}`, size), [size], { requiresGrad: true });
  });
  const adam = new Adam(engine, parameters, settings);
  for (let update = 0; update < updates; update++) adam.step(gradientsOf(update));
  return { adam, parameters };
}

const gradientsOf = (update: number): Tensor[] => {
  return SIZES.map((size, at) => engine.tensor(seededNormal(`gradient ${at} of ${update}`, size), [size]));
};

for (const settings of [
  { learningRate: 4e-4, beta1: 0.5 },
  { learningRate: 0.1, beta1: 0, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.2 },
]) {
  test(`three updates ahead are what Adam then makes of the same gradients: ${JSON.stringify(settings)}`, async () => {
    const { adam, parameters } = trained(settings, 2);
    let columns = columnsOf(adam, parameters);
    for (let nth = 1; nth <= 3; nth++) columns = unrolledUpdate(adam, columns, gradientsOf(nth), nth);
    const kindOf = (kind: keyof AdamColumn): Promise<Float32Array[]> => {
      return Promise.all(columns.map((column) => column[kind].data()));
    };
    const thought = [
      ...(await kindOf('parameter')),
      ...(await kindOf('firstMoment')),
      ...(await kindOf('secondMoment')),
    ];
    for (let nth = 1; nth <= 3; nth++) adam.step(gradientsOf(nth));
    const made = await Promise.all([...parameters, ...adam.state].map((tensor) => tensor.data()));
    for (const [index, values] of made.entries()) reference.assertClose(thought[index]!, values, 1e-6, `${index}`);
    adam.dispose();
  });
}

test('its gradients by parameter, gradient and moments are those of differences, through two updates', async () => {
  const settings = { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-2 };
  const { adam, parameters } = trained(settings, 3);
  const step = { ...settings, weightDecay: 0 };
  const positive = normal('v', 6);
  const inputs = [
    normal('θ', 6),
    normal('g', 6),
    normal('h', 6),
    normal('m', 6),
    { ...positive, values: Float32Array.from(positive.values, (value) => 0.5 + value * value) },
  ];
  const { errors, worst } = await checkGradients(
    engine,
    {
      gpu: (parameter, g, h, firstMoment, secondMoment) => {
        let columns = [{ parameter: parameter, firstMoment: firstMoment, secondMoment: secondMoment }];
        for (const [index, gradient] of [g, h].entries()) {
          columns = [...unrolledUpdate(adam, columns, [gradient], index + 1)];
        }
        const [last] = columns;
        return sum(add(square(last!.parameter), mul(last!.firstMoment, last!.secondMoment)));
      },
      reference: (parameter, g, h, firstMoment, secondMoment) => {
        let last = { parameter: parameter.data, firstMoment: firstMoment.data, secondMoment: secondMoment.data };
        for (const [index, gradient] of [g, h].entries()) {
          last = reference.adamStep({ ...last, ...step, gradient: gradient.data, step: 4 + index });
        }
        const total = last.parameter.reduce((before, value, at) => {
          return before + value * value + last.firstMoment[at]! * last.secondMoment[at]!;
        }, 0);
        return reference.scalar64(total);
      },
    },
    inputs,
  );
  assert.ok(worst <= 1e-5, `θ, g, h, m, v: ${errors.join(', ')}`);
  adam.dispose();
  for (const parameter of parameters) parameter.free();
});

test('a tiny gradient after a large one moves the moments as Adam does, where β is 0 and near it', async () => {
  for (const beta of [0, 0.01]) {
    const parameter = engine.tensor([1, 1], [2], { requiresGrad: true });
    const adam = new Adam(engine, [parameter], { learningRate: 1e-3, beta1: beta, beta2: beta });
    adam.step([engine.tensor([1, -40], [2])]);
    const tiny = engine.tensor([1e-6, 1e-5], [2], { requiresGrad: true });
    const [column] = unrolledUpdate(adam, columnsOf(adam, [parameter]), [tiny], 1);
    const [slope] = gradients(sum(column!.firstMoment), [tiny]);
    assert.equal([...(await slope!.data())], [1 - beta, 1 - beta].map(Math.fround), `∂m/∂g, β ${beta}`);
    adam.step([tiny]);
    const [firstMoment, secondMoment] = adam.state;
    for (const [ahead, done] of [
      [column!.parameter, parameter],
      [column!.firstMoment, firstMoment!],
      [column!.secondMoment, secondMoment!],
    ] as const) {
      const wanted = await done.data();
      (await ahead.data()).forEach((value, at) => reference.assertClose([value], [wanted[at]!], 1e-6, `β ${beta}`));
    }
    if (beta === 0) reference.assertClose(await secondMoment!.data(), [1e-12, 1e-10], 1e-6, 'g²');
    adam.dispose();
  }
});

test('a unit that has been dead since the start passes on a finite gradient', async () => {
  const dead = engine.tensor([0, 1], [2], { requiresGrad: true });
  const adam = new Adam(engine, [dead], { learningRate: 4e-4 });
  const gradient = engine.tensor([0, 1], [2], { requiresGrad: true });
  const [{ parameter } = { parameter: dead }] = unrolledUpdate(adam, columnsOf(adam, [dead]), [gradient], 1);
  const found = await Promise.all(gradients(sum(parameter), [dead, gradient]).map((tensor) => tensor.data()));
  assert.ok(
    found.every((values) => values.every(Number.isFinite)),
    found.join(' and '),
  );
});

test('what does not fit is refused', () => {
  const { adam, parameters } = trained({ learningRate: 1 }, 0);
  assert.throws(() => columnsOf(adam, parameters.slice(1)), /got 1 parameters; Adam holds 2$/);
  const columns = columnsOf(adam, parameters);
  assert.throws(() => unrolledUpdate(adam, columns, gradientsOf(0).slice(0, 1), 1), /a gradient is missing$/);
  const scheduled = new Adam(engine, parameters, { learningRate: 1, schedule: Float32Array.of(1) });
  assert.throws(() => columnsOf(scheduled, parameters), /schedule, which cannot be unrolled/);
});

test.run();
