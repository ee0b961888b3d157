/**
 * @file What a discriminator is given: the reference's images under the numbers that its streams tell, in both updates, and
 * gradients through all of it to the generator, in float64; a critic's gradient is held down at what it is given.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { AugmentOptions } from '../../src/kernels/options.js';
import { augmentInputs } from '../../src/gan/discriminatorInput.js';
import { ringColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { STREAMS, WITHIN } from '../../src/gan/streams.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64 } from '../reference/tensor.js';
import { download, openTestDevice } from '../support/device.js';
import { LINEAR_SEED, linearGan, sum, valuesOf } from './linear.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const [zDim, batch, side] = [3, 5, 8];
const pixels = side * side;
const SIZES = { zDim, batch, side } as const;
const SIGMA = 0.25;

/** Of 8 × 8 images: an eighth of the side, and half of it. */
const TAKES = {
  translation: { shift: [1, 1] },
  cutout: { hole: [4, 4] },
} as const satisfies Record<string, AugmentOptions>;

test('without settings, the discriminator gets the images themselves', () => {
  const images = engine.tensor(new Float32Array(pixels), [1, side, side, 1]);
  const counter = device.allocatePersistent(4, 'counter');
  const nothing = { augment: [], instanceNoise: undefined, noiseIterations: undefined };
  assert.is(augmentInputs(images, nothing, { seed: 1, stream: 1, counter }), images);
});

test('images of 28 × 28 are moved by up to 4 pixels and lose 14 × 14: the paper’s code rounds', async () => {
  const [count, of] = [24, 28];
  const random = seedrandom('28 × 28');
  const values = Float32Array.from({ length: count * of * of }, () => 2 * random() - 1);
  const images = engine.tensor(values, [count, of, of, 1]);
  const source = { seed: 1, stream: 1, counter: device.allocatePersistent(4, 'counter') };
  const asked = { augment: ['translation', 'cutout'], instanceNoise: undefined, noiseIterations: undefined } as const;
  const found = await augmentInputs(images, asked, source).data();
  const drawn = { ...source, stream: source.stream + WITHIN.augmentation };
  const draws = array64([count, 4], await ops.randomUniform(engine, [count, 4], drawn).data());
  const wanted = reference.augment(array64(images.shape, values), draws, { shift: [4, 4], hole: [14, 14], fill: -1 });
  assert.equal([...found], [...wanted.data]);
});

for (const augment of [['translation'], ['cutout'], ['translation', 'cutout'], []] as const) {
  for (const instanceNoise of augment.length === 1 ? [undefined] : [undefined, SIGMA]) {
    if (augment.length === 0 && instanceNoise === undefined) continue;
    const name = `${augment.join(' and ') || 'nothing'}${instanceNoise === undefined ? '' : ' and noise'}`;

    test(`${name}: both updates see it, and the generator’s gradient passes through it`, async () => {
      const { gan, zs } = linearGan(engine, { augment, instanceNoise, noiseIterations: instanceNoise && 4 }, SIZES);
      // A quarter of the noise is left.
      device.write(gan.iteration, new Uint32Array([3]));
      const source = (stream: number) => ({ seed: LINEAR_SEED, stream, counter: gan.iteration });
      const changes = async (stream: number, count: number) => {
        const draws = await ops.randomUniform(engine, [count, 4], source(stream + WITHIN.augmentation)).data();
        const noise = await ops.randomNormal(engine, [count * pixels], source(stream + WITHIN.noise)).data();
        return { draws: array64([count, 4], draws), noise: instanceNoise === undefined ? noise.map(() => 0) : noise };
      };
      const onBoth = await changes(STREAMS.dropoutBoth, 2 * batch);
      const onGenerator = await changes(STREAMS.dropoutGenerator, batch);
      const options = augment.reduce<AugmentOptions>((all, each) => ({ ...all, ...TAKES[each] }), { fill: -1 });
      const seen = (images: readonly number[], { draws, noise }: typeof onBoth): Array64 => {
        const x = array64([images.length / pixels, side, side, 1], images);
        const moved = augment.length === 0 ? x : reference.augment(x, draws, options);
        return array64(
          x.shape,
          moved.data.map((value, at) => value + 0.25 * SIGMA * noise[at]!),
        );
      };
      const [w, b] = await Promise.all(gan.discriminator.parameters.map(valuesOf));
      const [v, c] = await Promise.all(gan.generator.parameters.map(valuesOf));
      if (!w || !b || !v || !c) throw new Error('two dense layers are expected');
      gan.step();

      const z = await valuesOf(zs[0]);
      const fakes = Array.from({ length: batch * pixels }, (_, at) => {
        const [n, pixel] = [Math.floor(at / pixels), at % pixels];
        return c[pixel]! + sum(Array.from({ length: zDim }, (_each, i) => z[n * zDim + i]! * v[i * pixels + pixel]!));
      });
      const logits = (images: Array64, weights: readonly number[], bias: number): number[] => {
        return Array.from({ length: images.shape[0]! }, (_, n) => {
          return bias + sum(weights.map((each, i) => each * images.data[n * pixels + i]!));
        });
      };
      const both = logits(seen([...(await valuesOf(gan.realImages)), ...fakes], onBoth), w, b[0]!);
      const softplus = (x: number): number => Math.log1p(Math.exp(x));
      const loss = sum(both.map((l, n) => softplus(n < batch ? -l : l))) / (2 * batch);
      const told = metricsOf(
        (await download(device, gan.scalarRing, 4 * ringColumns(gan.objective.loss))).subarray(-5),
        gan.objective.loss,
      );
      reference.assertClose([told.discriminatorLoss], [loss], 3e-6, 'loss');

      // The generator learns by the discriminator as it is after its update.
      const [after, bias] = await Promise.all(gan.discriminator.parameters.map(valuesOf));
      const slopes = logits(seen(fakes, onGenerator), after!, bias![0]!).map(
        (l) => (1 / (1 + Math.exp(-l)) - 1) / batch,
      );
      const byImage = array64(
        [batch, side, side, 1],
        slopes.flatMap((slope) => after!.map((each) => slope * each)),
      );
      const back = augment.length === 0 ? byImage : reference.augmentGradient(byImage, onGenerator.draws, options);
      const wanted = c.map((_, pixel) => sum(slopes.map((_slope, n) => back.data[n * pixels + pixel]!)));
      const { beta1 = 0.9 } = gan.generatorOptimiser.settings;
      const moment = gan.generatorOptimiser.state.find(({ size }) => size === pixels);
      const found = (await valuesOf(moment)).map((value) => value / (1 - beta1));
      reference.assertClose(found, wanted, 5e-6, 'gradient by the generator’s bias');
      gan.dispose();
    });
  }
}

for (const loss of ['wgan-gp', 'r1'] as const) {
  test(`${loss}: the penalty takes the gradient at the images that the critic sees`, async () => {
    const augment = ['translation', 'cutout'] as const;
    const { gan, given } = linearGan(engine, { loss, criticSteps: 1, augment, instanceNoise: SIGMA }, SIZES);
    const source = { seed: LINEAR_SEED, stream: STREAMS.interpolation, counter: gan.iteration };
    const share = await ops.randomUniform(engine, [batch], source).data();
    gan.step();
    const [both = [], penalised = []] = await Promise.all(given.map(valuesOf));
    const wanted = both.slice(0, batch * pixels).map((real, at) => {
      const fake = both[batch * pixels + at]!;
      return loss === 'r1' ? real : fake + share[Math.floor(at / pixels)]! * (real - fake);
    });
    reference.assertClose(penalised, wanted, 1e-6, 'images of the penalty');
    gan.dispose();
  });
}

test.run();
