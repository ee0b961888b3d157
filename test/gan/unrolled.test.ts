/**
 * @file Unrolling: the generator's gradient through the discriminator's coming updates, against central differences of the
 * whole surrogate in float64, and that a step with it is replayed, repeated and resumed like any other.
 *
 * The surrogate in float64 takes the inner gradients by differences too, so no hand-written gradient is needed. Adam's ε is
 * large there: where a gradient is small beside ε's usual 1e-8, g / √g² makes noise of its roundings.
 *
 * @expensive differentiates through several discriminator steps
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { type Architecture, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { normal } from '../../src/models/layers/initialisers.js';
import { conv2d, dense, flatten, reshapeTo, Sequential, lambda } from '../../src/models/layers/index.js';
import { normalised, type Normalisation } from '../../src/models/layers/normalisation.js';
import { Gan } from '../../src/gan/gan.js';
import { ringColumns, metricsOf } from '../../src/gan/ganMetrics.js';
import { GanTraining, type GanTrainingOptions } from '../../src/training/gan/ganTraining.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { flaggedSettings } from '../../src/gan/objective.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64 } from '../reference/tensor.js';
import { download, openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { trained, type Told } from './trained.js';
import { BATCH, CONV, DEEP, EPSILON, JUDGES, LOSSES64, type Vectors } from './unrolled64.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const [Z, SIDE] = [2, 4];
const ADAM = { learningRate: 0.05, beta1: 0.5, beta2: 0.9, epsilon: 1e-2 } as const;
const KERNEL = normal(0.5);

/** Smooth networks: a dense generator, and a convolution, its normalisation and a dense layer as its judge. */
function smallNetworks(seen: Tensor[]): Architecture {
  return {
    ...ARCHITECTURES.dcgan,
    generatorAdam: { learningRate: 1e-3, beta1: 0.5 },
    discriminatorAdam: ADAM,
    generator: (builder) =>
      new Sequential('generator', [
        lambda((z) => {
          seen.push(z);
          return z;
        }),
        dense(builder, 'generator/dense', Z, SIDE * SIDE, { kernel: KERNEL, activation: 'tanh' }),
        reshapeTo([SIDE, SIDE, 1]),
      ]),
    discriminator: (builder, { normaliseDiscriminator: kind = 'batch' }) => {
      const norm = { momentum: 0.9, epsilon: EPSILON, activation: 'tanh', channels: DEEP } as const;
      return new Sequential('discriminator', [
        ...normalised(builder, kind, 'discriminator/norm1', norm, (options) => [
          conv2d(builder, 'discriminator/conv1', 1, DEEP, { ...CONV, size: 3, kernel: KERNEL, ...options }),
        ]),
        flatten(),
        dense(builder, 'discriminator/dense', 2 * 2 * DEEP, 1, { kernel: KERNEL, spectral: kind === 'spectral' }),
      ]);
    },
  };
}

function smallGan(objective: ObjectiveOptions, seen: Tensor[]): Gan {
  const gan = new Gan(engine, {
    architecture: smallNetworks(seen),
    objective,
    zDim: Z,
    width: 1,
    batch: BATCH,
    imageHeight: SIDE,
    imageWidth: SIDE,
    channels: 1,
    seed: 7,
    random: seedrandom('unrolled'),
    ringCapacity: 4,
  });
  const random = seedrandom('images');
  gan.realImages.write(Float32Array.from({ length: gan.realImages.size }, () => 2 * random() - 1));
  return gan;
}

/** Steps of the inner gradients' differences, and of those of the surrogate that is made of them. */
const [INNER, OUTER] = [1e-5, 1e-4];

const CASES: readonly (ObjectiveOptions & { readonly unroll: number; readonly norm: Normalisation })[] = [
  { loss: 'bce', unroll: 1, norm: 'batch' },
  { loss: 'bce', unroll: 2, norm: 'batch' },
  { loss: 'bce', unroll: 2, norm: 'layer' },
  { loss: 'bce', unroll: 3, norm: 'none' },
  { loss: 'bce', unroll: 2, norm: 'none', criticSteps: 2 },
  { loss: 'bce-saturating', unroll: 2, norm: 'none' },
  { loss: 'lsgan', unroll: 2, norm: 'batch' },
  { loss: 'hinge', unroll: 2, norm: 'none' },
  { loss: 'bce', unroll: 2, norm: 'spectral' },
  { loss: 'wgan', unroll: 2, norm: 'spectral', criticSteps: 2, discriminatorRate: 0.05 },
];

for (const { norm, ...asked } of CASES) {
  const told = flaggedSettings(asked).map(([flag, value]) => `${flag} ${value}`);
  test(`the generator's gradient is that of differences of the surrogate: ${told.join(', ')}, ${norm}`, async () => {
    const { unroll, criticSteps = 1, loss = 'bce' } = asked;
    const copies = (tensors: readonly Tensor[]): Promise<Array64[]> => {
      return Promise.all(tensors.map(async (tensor) => array64(tensor.shape, await tensor.data())));
    };
    const seen: Tensor[] = [];
    const gan = smallGan({ ...asked, normaliseDiscriminator: norm }, seen);
    const phi = await copies(gan.generator.parameters);
    // Outside of a scope, so that z is still there afterwards.
    gan.step();
    // The discriminator's own updates come first, so what it is now is where the unrolled ones began.
    const theta = await copies(gan.discriminator.parameters);
    const moments = await copies(gan.discriminatorOptimiser.state);
    const [z] = await copies(seen.slice(-1));
    const [allReal] = await copies([gan.realImages]);
    const real = reference.slice(allReal!, (criticSteps - 1) * BATCH, BATCH);
    const singular = await copies(gan.discriminator.state.filter(({ name }) => name?.endsWith('/singular_vector')));
    const judge = JUDGES[norm];
    const { settings } = gan.discriminatorOptimiser;
    const [lossOnBoth, lossOnFake] = LOSSES64[loss]!;

    /** By a step of the power iteration at each θᵏ from a u that stays, and held still in all differences. */
    const held: (readonly Vectors[])[] = [];
    const vectorsAt = (nth: number, weights: readonly Array64[]): readonly Vectors[] => {
      held[nth] ??= singular.map((u, index) => reference.powerIteration(weights[2 * index]!, u));
      return held[nth];
    };

    const surrogate = (steps: number, [kernel, bias]: readonly Array64[]): Array64 => {
      const made = reference.matmul(z!, kernel!, { bias: bias!, activation: 'tanh' });
      const fakes = reference.reshape(made, [BATCH, SIDE, SIDE, 1]);
      const images = reference.concat(real, fakes);
      let columns = theta.map((parameter, index) => ({
        shape: parameter.shape,
        parameter: parameter.data,
        firstMoment: moments[index]!.data,
        secondMoment: moments[theta.length + index]!.data,
      }));
      const weights = (): Array64[] => columns.map(({ shape, parameter }) => array64(shape, parameter));
      for (let nth = 1; nth <= steps; nth++) {
        const vectors = vectorsAt(nth - 1, weights());
        const loss64 = (...at: readonly Array64[]): Array64 => lossOnBoth(judge(images, 2, at, vectors));
        const gradients = reference.centralDifferences(loss64, weights(), INNER);
        columns = columns.map(({ shape, ...column }, index) => {
          const step = {
            ...ADAM,
            ...settings,
            ...column,
            gradient: gradients[index]!.data,
            step: criticSteps + nth,
            weightDecay: 0,
          };
          return { shape, ...reference.adamStep(step) };
        });
      }
      return lossOnFake(judge(fakes, 1, weights(), vectorsAt(steps, weights())));
    };
    // First where the networks are: that is where vectors are taken.
    const [generatorLoss] = surrogate(unroll, phi).data;

    const { beta1 = 0.9 } = gan.generatorOptimiser.settings;
    const found = await copies(gan.generatorOptimiser.state.slice(0, phi.length));
    const wanted = reference.centralDifferences((...at) => surrogate(unroll, at), phi, OUTER);
    const direct = reference.centralDifferences((...at) => surrogate(0, at), phi, OUTER);
    for (const [index, { data }] of wanted.entries()) {
      const actual = found[index]!.data.map((value) => value / (1 - beta1));
      reference.assertClose(actual, data, 1e-5, `gradient by parameter ${index} of the generator`);
      // Or the test would not see whether anything is unrolled.
      assert.ok(reference.compare(data, direct[index]!.data).maxRelativeToScale > 0.1);
    }
    const row = metricsOf(await download(device, gan.scalarRing, ringColumns(gan.objective.loss)), gan.objective.loss);
    reference.assertClose([row.generatorLoss], [generatorLoss!], 3e-6, 'the generator’s loss');
    gan.dispose();
  });
}

const DIGITS = digitsDataset({ seed: 'unrolled', count: 30 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  objective: { unroll: 2 },
  zDim: 3,
  width: 0.0625,
  batch: 4,
  iterations: 3,
  sampleEvery: 100,
  checkpointEvery: 2,
  seed: 'unrolled',
};

function run(options: Partial<GanTrainingOptions>): Promise<Told> {
  return trained(new GanTraining(engine, DIGITS, { ...OPTIONS, ...options }));
}

slow('0 has the default’s bits, one unrolled update has others', async () => {
  const plain = await run({ objective: undefined });
  const none = await run({ objective: { unroll: 0 } });
  assert.equal([none.rows, [...none.checkpoints]], [plain.rows, [...plain.checkpoints]]);
  const one = await run({ objective: { unroll: 1 } });
  assert.not.equal(one.rows[0], plain.rows[0]);
});

slow('unrolling leaves the discriminator of an iteration unchanged and changes the generator', async () => {
  for (const objective of [{}, { criticSteps: 2 }, { normaliseDiscriminator: 'spectral' }] as const) {
    const [plain, unrolled] = await Promise.all(
      [0, 2].map(async (unroll) => {
        const { checkpoints } = await run({ objective: { ...objective, unroll }, iterations: 1, checkpointEvery: 1 });
        return [...(checkpoints.get(1) ?? [])];
      }),
    );
    const isTrained = (name: string): boolean => name.startsWith('discriminator/') && !/moving_|singular/.test(name);
    const trained = (state: typeof plain): typeof plain => state?.filter(([name]) => isTrained(name));
    assert.equal(trained(unrolled), trained(plain));
    assert.not.equal(unrolled, plain);
  }
});

slow('recorded and eager steps leave the pool unchanged', async () => {
  const gan = smallGan({ unroll: 3 }, []);
  const step = (): undefined => {
    gan.step();
  };
  engine.scope(step);
  const held = device.pool.bytes;
  for (let count = 0; count < 5; count++) engine.scope(step);
  assert.is(device.pool.bytes, held);
  const plan = await engine.record(step);
  plan.replay();
  await device.synchronize();
  const recorded = device.pool.bytes;
  for (let count = 0; count < 5; count++) plan.replay();
  await device.synchronize();
  assert.is(device.pool.bytes, recorded);
  plan.dispose();
  gan.dispose();
});

test.run();
