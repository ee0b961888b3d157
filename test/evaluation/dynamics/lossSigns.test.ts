/**
 * @file Metrics of training: means by hand, and gradient norms out of Adam's second moments.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import {
  gradientNorm,
  trainingMetrics,
  WINDOW,
  type TrainingHistory,
} from '../../../src/evaluation/dynamics/lossSigns.js';
import { Adam } from '../../../src/models/optim/adam.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const NORMS = { generator: 3, discriminator: 4 };

/** `length` iterations alike. */
function history(length: number, values: Readonly<Record<keyof TrainingHistory, number>>): TrainingHistory {
  const repeated = (value: number): number[] => new Array<number>(length).fill(value);
  return {
    generatorLoss: repeated(values.generatorLoss),
    discriminatorLoss: repeated(values.discriminatorLoss),
    realAccuracy: repeated(values.realAccuracy),
    fakeAccuracy: repeated(values.fakeAccuracy),
    foolingRate: repeated(values.foolingRate),
  };
}

const USUAL = { generatorLoss: 3, discriminatorLoss: 1, realAccuracy: 1, fakeAccuracy: 0.5, foolingRate: 0.25 };

test('accuracy over real and generated images, the gap between them, and the share of the loss', () => {
  assert.equal(trainingMetrics(history(7, USUAL), NORMS), {
    discriminatorAccuracy: 0.75,
    gap: 0.75,
    lossBalance: 0.75,
    generatorGradient: 3,
    discriminatorGradient: 4,
    generatorLoss: 3,
    discriminatorLoss: 1,
  });
});

test('the means are over the last iterations', () => {
  const long = history(WINDOW, USUAL);
  const older = [...new Array<number>(50).fill(99), ...long.generatorLoss];
  const others = history(WINDOW + 50, USUAL);
  const found = trainingMetrics({ ...others, generatorLoss: older }, NORMS);
  assert.equal(found, trainingMetrics(long, NORMS));
});

test('losses of a critic, of either sign, and none at all', () => {
  const balanceOf = (generatorLoss: number, discriminatorLoss: number): number => {
    return trainingMetrics(history(2, { ...USUAL, generatorLoss, discriminatorLoss }), NORMS).lossBalance;
  };
  assert.is(balanceOf(-3, 1), 0.75);
  assert.is(balanceOf(0, 0), 0.5);
});

test('refuses what it cannot use, saying what', () => {
  assert.throws(() => trainingMetrics(history(0, USUAL), NORMS), /got 0 of generatorLoss.* one at least/);
  const uneven = { ...history(3, USUAL), foolingRate: [1] };
  assert.throws(() => trainingMetrics(uneven, NORMS), /3 of fakeAccuracy, 1 of foolingRate; it takes as many/);
  const nan = { ...history(3, USUAL), discriminatorLoss: [1, NaN, 1] };
  assert.throws(() => trainingMetrics(nan, NORMS), /discriminatorLoss was NaN in the last 3 iterations/);
  assert.throws(
    () => trainingMetrics(history(3, USUAL), { ...NORMS, generator: Infinity }),
    /the generator's gradient has a norm of Infinity/,
  );
});

const SHAPES = [[6, 5], [5], [3, 2, 4]] as const;

function adamOf(beta2?: number): Adam {
  const parameters = SHAPES.map((shape) => {
    const zeros = new Float32Array(shape.reduce((size: number, length) => size * length, 1));
    return engine.tensor(zeros, shape, { name: 'p', requiresGrad: true });
  });
  return new Adam(engine, parameters, { learningRate: 1e-3, ...(beta2 === undefined ? {} : { beta2 }) });
}

test('constant gradients have their norm after any number of updates; before the first 0', async () => {
  for (const beta2 of [undefined, 0.9]) {
    const adam = adamOf(beta2);
    const values = SHAPES.map((shape, index) => {
      return seededNormal(
        `gradient ${index}`,
        shape.reduce((size: number, length) => size * length, 1),
      );
    });
    const gradients = values.map((each, index) => engine.tensor(each, SHAPES[index]!));
    const expected = Math.hypot(...values.flatMap((each) => [...each]));
    assert.is(await gradientNorm(engine, adam), 0);
    for (let update = 0; update < 12; update++) {
      adam.step(gradients);
      const norm = await gradientNorm(engine, adam);
      assert.ok(Math.abs(norm - expected) < 1e-4 * expected, `update ${update}: ${norm}, expected ${expected}`);
    }
  }
});

test('of gradients that change, the root mean square weighted by β₂; nothing is left behind', async () => {
  const adam = adamOf(0.8);
  const sizes = SHAPES.map((shape) => shape.reduce((size: number, length) => size * length, 1));
  const scales = [1, 4, 2, 0.5];
  for (const scale of scales) {
    adam.step(sizes.map((size, index) => engine.tensor(new Float32Array(size).fill(scale), SHAPES[index]!)));
  }
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const weights = scales.map((_, index) => 0.8 ** (scales.length - 1 - index));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const expected = Math.sqrt(scales.reduce((sum, scale, i) => sum + (weights[i]! * count * scale ** 2) / total, 0));
  const norm = await gradientNorm(engine, adam);
  assert.ok(Math.abs(norm - expected) < 1e-4 * expected, `${norm}, expected ${expected}`);
  const { bytes } = device.pool;
  await gradientNorm(engine, adam);
  assert.is(device.pool.bytes, bytes);
});

test.run();
