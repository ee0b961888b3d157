/**
 * @file Tests the losses in the training step: the discriminator learns from the loss and its weighted penalty, against
 * float64; clipping; and the dispatches of a critic step.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { ringColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { GanTraining, type GanTrainingOptions } from '../../src/training/gan/ganTraining.js';
import * as reference from '../reference/ops.js';
import { download, openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { linearGan, sigmoid, sum, valuesOf } from './linear.js';
import { trained } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'losses', count: 30 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  zDim: 3,
  width: 0.0625,
  batch: 4,
  iterations: 3,
  sampleEvery: 100,
  seed: 'losses',
};

slow('wgan: after an iteration every weight of the critic is within the clip', async () => {
  const options = { ...OPTIONS, objective: { loss: 'wgan', clip: 0.005 }, iterations: 2 } as const;
  const { checkpoints } = await trained(new GanTraining(engine, DIGITS, options));
  const own = [...(checkpoints.get(2) ?? [])].filter(([name]) =>
    /^discriminator\/[^/]+\/(kernel|bias|gamma|beta)$/.test(name),
  );
  assert.ok(own.length >= 6, `${own.length} parameters`);
  for (const [name, { values }] of own) {
    assert.ok(
      values.every((value) => Math.abs(value) <= Math.fround(0.005)),
      name,
    );
  }
});

test('contradicting settings are refused before anything is made', () => {
  const objective = { loss: 'wgan-gp', normaliseDiscriminator: 'batch' } as const;
  assert.throws(() => new GanTraining(engine, DIGITS, { ...OPTIONS, objective }), /^--normalise batch: .*whole batch/);
});

slow('a recorded critic step updates, clips and counts in one dispatch each', () => {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, objective: { loss: 'wgan', criticSteps: 3 } });
  const { commands } = device.trace(() => {
    training.gan.step();
    return undefined;
  });
  const count = (kernel: string): number => commands.filter((command) => command.kernel.name === kernel).length;
  assert.equal([count('adam'), count('clip'), count('recordScalars'), count('increment')], [4, 3, 1, 0]);
  training.dispose();
});

const [zDim, batch, side] = [3, 4, 2];
const SIZES = { zDim, batch, side } as const;
const pixels = side * side;

// A linear D has the gradient w at every image, so that the penalties are (‖w‖ − 1)² and ‖w‖² / 2.
for (const [loss, weight] of [
  ['wgan-gp', 10],
  ['r1', 4],
] as const) {
  test(`${loss}: on linear networks the discriminator learns from the sum of its losses and the weighted penalty`, async () => {
    const { gan, zs } = linearGan(engine, { loss, criticSteps: 1, penaltyWeight: weight }, SIZES);
    const [w, b] = await Promise.all(gan.discriminator.parameters.map(valuesOf));
    const [v, c] = await Promise.all(gan.generator.parameters.map(valuesOf));
    if (!w || !b || !v || !c) throw new Error('two dense layers are expected');
    // Outside of a scope, so that z is still there afterwards.
    gan.step();

    const z = await valuesOf(zs[0]);
    const real = await valuesOf(gan.realImages);
    const fakes = Array.from({ length: batch * pixels }, (_, at) => {
      const [n, pixel] = [Math.floor(at / pixels), at % pixels];
      return c[pixel]! + sum(Array.from({ length: zDim }, (_each, i) => z[n * zDim + i]! * v[i * pixels + pixel]!));
    });
    const logits = (images: readonly number[]): number[] => {
      return Array.from({ length: batch }, (_, n) => b[0]! + sum(w.map((each, i) => each * images[n * pixels + i]!)));
    };
    const [onReal, onFake] = [logits(real), logits(fakes)];
    const isCritic = loss === 'wgan-gp';
    // By each logit, of the mean over its half.
    const byReal = onReal.map((l) => (isCritic ? -1 : sigmoid(l) - 1) / batch);
    const byFake = onFake.map((l) => (isCritic ? 1 : sigmoid(l)) / batch);
    const norm = Math.sqrt(sum(w.map((each) => each * each)));
    const penalty = isCritic ? (norm - 1) ** 2 : norm ** 2 / 2;
    const wanted = w.map((each, i) => {
      const ofLoss = sum(byReal.map((slope, n) => slope * real[n * pixels + i]! + byFake[n]! * fakes[n * pixels + i]!));
      return ofLoss + weight * (isCritic ? (2 * (norm - 1) * each) / norm : each);
    });

    // Adam's first moment after one step is (1 − β₁) of the gradient.
    const { beta1 = 0.9 } = gan.discriminatorOptimiser.settings;
    const found = (await valuesOf(gan.discriminatorOptimiser.state[0])).map((value) => value / (1 - beta1));
    reference.assertClose(found, wanted, 3e-6, 'gradient by w');
    const columns = ringColumns(gan.objective.loss);
    const row = metricsOf(await download(device, gan.scalarRing, columns), gan.objective.loss);
    const softplus = (x: number): number => Math.log1p(Math.exp(x));
    const bce = (sum(onReal.map((l) => softplus(-l))) + sum(onFake.map(softplus))) / (2 * batch);
    const distance = (sum(onReal) - sum(onFake)) / batch;
    reference.assertClose([row.gradientPenalty ?? NaN], [penalty], 3e-6, 'penalty');
    // A critic's halves cancel, so they are measured by their terms, which are near 1.
    reference.assertClose([row.discriminatorLoss + 1], [(isCritic ? -distance / 2 : bce) + 1], 3e-6, 'loss');
    if (isCritic) reference.assertClose([(row.wasserstein ?? NaN) + 1], [distance + 1], 3e-6, 'Wasserstein estimate');
    gan.dispose();
  });
}

test('each update of the critic has its own images, z and interpolation', async () => {
  const { gan, zs } = linearGan(engine, { loss: 'wgan-gp', criticSteps: 3 }, SIZES);
  assert.equal(gan.realImages.shape, [3 * batch, side, side, 1]);
  gan.step();
  const drawn = await Promise.all(zs.map(async (z) => (await z.data()).join()));
  assert.is(new Set(drawn).size, 3);
  // The generator learns from the last of them.
  assert.is(drawn.length, 3);

  const { commands } = device.trace(() => {
    gan.step();
    return undefined;
  });
  for (const [kernel, times] of [
    ['randomUniform', 3],
    ['slice', 3],
  ] as const) {
    const told = commands.filter(({ kernel: { name } }) => name === kernel).map(({ params }) => JSON.stringify(params));
    assert.equal([told.length, new Set(told).size], [times, times], kernel);
  }
  gan.dispose();
});

test.run();
