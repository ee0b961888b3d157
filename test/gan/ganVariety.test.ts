/**
 * @file What a discriminator is shown, in the training step: packs, the deviation of a batch, changed and noisy images.
 * A replay is the eager step bit for bit, a run that is gone on with ends as one that was not, and on linear networks each
 * pack counts once, in the loss, in the shares and in the penalty, against float64.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { historyColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { GanTraining, type GanTrainingOptions } from '../../src/training/gan/ganTraining.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import type { Snapshot } from '../../src/data/weights/state.js';
import * as reference from '../reference/ops.js';
import { download, openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { linearGan, sum, valuesOf } from './linear.js';
import { assertOneTraining, trained, type Told } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'variety', count: 30 });

const OPTIONS = { zDim: 3, width: 0.0625, batch: 8, iterations: 4, sampleEvery: 100, checkpointEvery: 2, seed: 'v' };

/** @param from the state to go on from */
function run(options: Partial<GanTrainingOptions>, from?: Snapshot): Promise<Told> {
  return trained(new GanTraining(engine, DIGITS, { architecture: 'dcgan', ...OPTIONS, ...options }), from);
}

for (const [architecture, objective] of [
  ['dcgan', { pack: 2, minibatchStddev: true }],
  ['article', { pack: 2, minibatchStddev: true, normaliseGenerator: 'layer' }],
  ['dcgan', { loss: 'wgan-gp', pack: 4, criticSteps: 2, normaliseGenerator: 'spectral', averageDecay: 0.5 }],
  ['article', { loss: 'r1', pack: 2, normaliseGenerator: 'none' }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2, minibatchStddev: true }],
  ['article', { loss: 'r1', minibatchStddev: true, pack: 2 }],
  ['dcgan', { augment: ['translation', 'cutout'], instanceNoise: 0.2, noiseIterations: 3 }],
  ['article', { augment: ['translation'], instanceNoise: 0.2 }],
  ['dcgan', { unroll: 2, pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.2 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2, augment: ['cutout'], instanceNoise: 0.1, noiseIterations: 4 }],
] as const) {
  slow(`${architecture}, ${JSON.stringify(objective)}: replayed, eager and gone on with, bit for bit`, async () => {
    const { pack: packed = 1 } = objective as ObjectiveOptions;
    const straight = await assertOneTraining((how, from) => run({ architecture, objective, ...how }, from), 2);
    for (const row of straight.rows) {
      // Shares of whole packs.
      for (const share of [row.realAccuracy, row.fakeAccuracy, row.foolingRate]) {
        assert.is(((share * OPTIONS.batch) / packed) % 1, 0, JSON.stringify(row));
      }
    }
  });
}

slow('the pool is flat, whatever the discriminator is shown', () => {
  const objective = { pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 } as const;
  const training = new GanTraining(engine, DIGITS, { architecture: 'dcgan', ...OPTIONS, objective });
  const steps = (count: number): void => {
    for (let step = 0; step < count; step++) {
      engine.scope((): undefined => {
        training.gan.step();
      });
    }
  };
  steps(2);
  const { bytes, count } = device.pool;
  steps(4);
  assert.equal([device.pool.bytes, device.pool.count], [bytes, count]);
  training.dispose();
});

test('a batch that is no whole packs is refused before anything is made', () => {
  const options = { architecture: 'article', ...OPTIONS, batch: 4, objective: { pack: 4 } } as const;
  assert.throws(() => new GanTraining(engine, DIGITS, options), /^--pack 4: .*half a batch of 4, which is no whole/);
});

const [zDim, batch, side, pack] = [3, 6, 2, 3];
const pixels = side * side;
const packs = batch / pack;

const share = (values: readonly number[], fits: (value: number) => boolean): number => {
  return values.filter(fits).length / values.length;
};

// A linear D has the gradient w at every pack, so that the penalties are (‖w‖ − 1)² and ‖w‖² / 2 of the whole pack.
for (const loss of ['bce', 'wgan-gp', 'r1'] as const) {
  test(`${loss}: of packs of three, each counts once in the loss, the shares and the penalty`, async () => {
    const { gan, zs } = linearGan(engine, { loss, criticSteps: 1, pack }, { zDim, batch, side });
    const [w, b] = await Promise.all(gan.discriminator.parameters.map(valuesOf));
    const [v, c] = await Promise.all(gan.generator.parameters.map(valuesOf));
    if (!w || !b || !v || !c) throw new Error('two dense layers are expected');
    gan.step();

    const z = await valuesOf(zs[0]);
    const fakes = Array.from({ length: batch * pixels }, (_, at) => {
      const [n, pixel] = [Math.floor(at / pixels), at % pixels];
      return c[pixel]! + sum(Array.from({ length: zDim }, (_each, i) => z[n * zDim + i]! * v[i * pixels + pixel]!));
    });
    const logits = (images: readonly number[]): number[] => {
      return Array.from({ length: packs }, (_, p) => {
        // An image's pixel is a pixel of its pack, in a channel of its own.
        const each = w.map((weight, at) => {
          const [pixel, image] = [Math.floor(at / pack), at % pack];
          return weight * images[(p * pack + image) * pixels + pixel]!;
        });
        return b[0]! + sum(each);
      });
    };
    const [onReal, onFake] = [logits(await valuesOf(gan.realImages)), logits(fakes)];
    const row = metricsOf(await download(device, gan.history, historyColumns(gan.objective.loss)), gan.objective.loss);
    const softplus = (x: number): number => Math.log1p(Math.exp(x));
    const bce = (sum(onReal.map((l) => softplus(-l))) + sum(onFake.map(softplus))) / (2 * packs);
    const distance = (sum(onReal) - sum(onFake)) / packs;
    const wanted = loss === 'wgan-gp' ? -distance / 2 : bce;
    reference.assertClose([row.discriminatorLoss + 1], [wanted + 1], 3e-6, 'loss');
    assert.is(
      row.realAccuracy,
      share(onReal, (l) => l > 0),
    );
    assert.is(
      row.fakeAccuracy,
      share(onFake, (l) => l <= 0),
    );
    const norm = Math.sqrt(sum(w.map((each) => each * each)));
    const penalty = { bce: undefined, 'wgan-gp': (norm - 1) ** 2, r1: norm ** 2 / 2 }[loss];
    if (penalty !== undefined) reference.assertClose([row.gradientPenalty ?? NaN], [penalty], 3e-6, 'penalty');
    gan.dispose();
  });
}

test.run();
