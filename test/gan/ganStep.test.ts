/**
 * @file What a training step makes of logits, worked out by hand on linear networks under either schedule: which images are
 * called real, and which labels are smoothed.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { ringColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { labelTensors, LOSS_NAMES, LOSSES } from '../../src/gan/losses.js';
import * as reference from '../reference/ops.js';
import { download, openTestDevice } from '../support/device.js';
import { linearGan, sigmoid, sum, valuesOf } from './linear.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const [zDim, batch, side] = [3, 16, 2];
const pixels = side * side;

const share = (values: readonly number[], fits: (value: number) => boolean): number => {
  return values.filter(fits).length / values.length;
};

for (const loss of LOSS_NAMES) {
  for (const as of ['dcgan', 'article'] as const) {
    test(`${loss}, ${as}: an image is called real above the middle of what D is trained to`, async () => {
      // D is to answer 0 and 1 under lsgan; elsewhere a generated image counts as a real one of the other sign.
      const middle = loss === 'lsgan' ? 0.5 : 0;
      const { gan, logits } = linearGan(engine, { loss }, { zDim, batch, side, as });
      gan.step();
      const passes = await Promise.all(logits.map(valuesOf));
      // The generator's own pass is the last. A penalty's comes after that of both kinds of images.
      const isJoint = gan.objective.schedule === 'joint';
      const { criticSteps } = gan.objective;
      const each = LOSSES[loss].penalty === undefined ? 1 : 2;
      const [real = [], fake = []] = isJoint
        ? [passes[(criticSteps - 1) * each]!.slice(0, batch), passes[(criticSteps - 1) * each]!.slice(batch)]
        : passes;
      const again = passes.at(-1)!;
      const count = isJoint ? batch : batch / 2;
      assert.equal([real.length, fake.length, again.length], [count, count, batch]);

      const row = metricsOf(await download(device, gan.scalarRing, ringColumns(LOSSES[loss])), LOSSES[loss]);
      const told = [row.realAccuracy, row.fakeAccuracy, row.foolingRate];
      const wanted = (boundary: number): number[] => [
        share(real, (logit) => logit > boundary),
        share(fake, (logit) => logit <= boundary),
        share(again, (logit) => logit > boundary),
      ];
      assert.equal(told, wanted(middle));
      // Or the test would not see which of both it is.
      for (const [index, value] of wanted(0).entries()) assert.is.not(value, wanted(0.5)[index]);
      gan.dispose();
    });
  }
}

const SMOOTHING = 0.25;

for (const loss of ['bce', 'bce-saturating', 'r1'] as const) {
  test(`${loss}: labels are smoothed of real images alone, and never where the generator learns`, async () => {
    const counts = { realCount: 2, batch: 3, smoothing: SMOOTHING };
    const { real, fake, both, generator } = labelTensors(engine, LOSSES[loss], counts);
    assert.equal(await valuesOf(real), [0.75, 0.75]);
    assert.equal(await valuesOf(fake), [0, 0]);
    assert.equal(await valuesOf(both), [0.75, 0.75, 0, 0]);
    const own = loss === 'bce-saturating' ? 0 : 1;
    assert.equal(await valuesOf(generator), [own, own, own]);
  });

  for (const as of ['dcgan', 'article'] as const) {
    test(`${loss}, ${as}: both networks learn by these labels`, async () => {
      const asked = { loss, labelSmoothing: SMOOTHING };
      const { gan, zs, given, logits } = linearGan(engine, asked, { zDim, batch, side, as });
      const before = await valuesOf(gan.discriminator.parameters[0]);
      gan.step();
      const [images, passes] = await Promise.all([given, logits].map((tensors) => Promise.all(tensors.map(valuesOf))));
      if (images === undefined || passes === undefined) throw new Error('images and logits are expected');

      /** ∂/∂w of the mean cross-entropy of a pass's images from `first` on with one label. */
      const slopes = (pass: number, label: number, first: number, count: number): number[] => {
        return Array.from({ length: pixels }, (_, pixel) => {
          const each = passes[pass]!.slice(first, first + count).map((logit, n) => {
            return (sigmoid(logit) - label) * images[pass]![(first + n) * pixels + pixel]!;
          });
          return sum(each) / count;
        });
      };
      const { beta1 = 0.9 } = gan.discriminatorOptimiser.settings;
      const { schedule, penaltyWeight = 0 } = gan.objective;
      // D is linear, so that R1's penalty is ½ ‖w‖² at every image.
      const wanted =
        schedule === 'joint'
          ? slopes(0, 1 - SMOOTHING, 0, batch).map((slope, pixel) => {
              return (1 - beta1) * (slope + slopes(0, 0, batch, batch)[pixel]! + penaltyWeight * before[pixel]!);
            })
          : slopes(0, 1 - SMOOTHING, 0, batch / 2).map((slope, pixel) => {
              return (1 - beta1) * (beta1 * slope + slopes(1, 0, 0, batch / 2)[pixel]!);
            });
      reference.assertClose(await valuesOf(gan.discriminatorOptimiser.state[0]), wanted, 3e-6, 'Adam’s moment of w');

      const after = await valuesOf(gan.discriminator.parameters[0]);
      const onFakes = passes.at(-1)!;
      // ln(1 − σ) is minimised by the one, and −ln σ by the others.
      const byLogit = onFakes.map((logit) => (loss === 'bce-saturating' ? -sigmoid(logit) : sigmoid(logit) - 1));
      const byBias = after.map((weight) => (weight * sum(byLogit)) / batch);
      const { beta1: own = 0.9 } = gan.generatorOptimiser.settings;
      const moment = await valuesOf(gan.generatorOptimiser.state[1]);
      reference.assertClose(
        moment.map((value) => value / (1 - own)),
        byBias,
        5e-6,
        'the generator’s gradient',
      );
      assert.is(zs.at(-1)?.shape[0], batch);
      gan.dispose();
    });
  }
}

test.run();
