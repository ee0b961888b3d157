/**
 * @file Tests packs in the training step: on linear networks each pack counts once, in the loss, in the accuracies and in the
 * penalty, against float64.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { ringColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import * as reference from '../reference/ops.js';
import { download, openTestDevice } from '../support/device.js';
import { linearGan, sum, valuesOf } from './linear.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'variety', count: 30 });

const OPTIONS = { zDim: 3, width: 0.0625, batch: 8, iterations: 4, sampleEvery: 100, checkpointEvery: 2, seed: 'v' };

test('a batch that is not whole packs is refused before anything is made', () => {
  const options = { architecture: 'article', ...OPTIONS, batch: 4, objective: { pack: 4 } } as const;
  assert.throws(() => new GanTraining(engine, DIGITS, options), /^--pack 4: .*half a batch of 4, which is not a whole/);
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
    const row = metricsOf(await download(device, gan.scalarRing, ringColumns(gan.objective.loss)), gan.objective.loss);
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
