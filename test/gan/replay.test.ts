/**
 * @file Tests that a training has the same bits replayed, eager and resumed: for every loss, architecture and setting, for
 * colour images, and for drawn combinations of settings.
 *
 * @expensive trains every loss and setting
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { stackedMnist } from '../../src/data/stackedMnist.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import { LOSS_NAMES } from '../../src/gan/losses.js';
import { type Objective, ObjectiveError, objectiveOf } from '../../src/gan/objective.js';
import { type ObjectiveOptions, SETTING_NAMES } from '../../src/gan/settings.js';
import { type ArchitectureName, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { NORMALISATIONS } from '../../src/models/layers/normalisation.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { assertOneTraining, trained, type Told } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'replay', count: 40 });
const STACKED = stackedMnist(DIGITS, { seed: 'replay', count: 40 });
const OPTIONS = { zDim: 3, width: 0.0625, batch: 8, iterations: 3, sampleEvery: 3, checkpointEvery: 1, seed: 'replay' };

type Case = readonly [architecture: ArchitectureName, objective: ObjectiveOptions];

/** Every loss, every setting and every normalisation, in both architectures where they differ. */
const CASES: readonly Case[] = [
  ['dcgan', {}],
  ['article', {}],
  ['dcgan', { loss: 'bce-saturating', generatorRate: 5e-4, discriminatorRate: 1e-4, labelSmoothing: 0.1 }],
  ['dcgan', { loss: 'lsgan', pack: 4 }],
  ['article', { loss: 'lsgan', conditional: true }],
  ['dcgan', { loss: 'hinge', pack: 2, minibatchStddev: true }],
  ['article', { loss: 'hinge', pack: 2, minibatchStddev: true, normaliseGenerator: 'layer' }],
  ['dcgan', { loss: 'wgan', criticSteps: 2, clip: 0.05 }],
  ['article', { loss: 'wgan', criticSteps: 2, conditional: true, averageDecay: 0.9 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 3, conditional: true, hidden: 64 }],
  ['article', { loss: 'wgan-gp', criticSteps: 2, penaltyWeight: 5 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2, pack: 4, normaliseGenerator: 'spectral', averageDecay: 0.5 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2, minibatchStddev: true, augment: ['cutout'], instanceNoise: 0.1 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2, normaliseDiscriminator: 'spectral', averageDecay: 0.5 }],
  ['dcgan', { loss: 'r1', normaliseDiscriminator: 'layer', conditional: true, pack: 2, instanceNoise: 0.1 }],
  ['article', { loss: 'r1', pack: 2, minibatchStddev: true, normaliseGenerator: 'none', labelSmoothing: 0.1 }],
  ['dcgan', { augment: ['translation', 'cutout'], instanceNoise: 0.2, noiseIterations: 2 }],
  ['article', { augment: ['translation'], instanceNoise: 0.2 }],
  ['dcgan', { normaliseDiscriminator: 'spectral', normaliseGenerator: 'spectral' }],
  ['dcgan', { normaliseDiscriminator: 'layer', normaliseGenerator: 'layer', minibatchStddev: true }],
  ['dcgan', { unroll: 2, pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.2 }],
  ['dcgan', { unroll: 2, normaliseDiscriminator: 'layer', conditional: true, averageDecay: 0.5 }],
  ['dcgan', { unroll: 2, normaliseDiscriminator: 'spectral', hidden: 64 }],
  ['dcgan', { unroll: 2, normaliseDiscriminator: 'none', criticSteps: 2 }],
];

for (const [architecture, objective] of CASES) {
  slow(`${architecture}, ${JSON.stringify(objective)}: replayed, eager and resumed, bit for bit`, async () => {
    await check([architecture, objective]);
  });
}

for (const architecture of ['dcgan', 'article'] as const) {
  slow(`${architecture} on colour images: replayed, eager and resumed, bit for bit`, async () => {
    const { checkpoints, samples } = await check([architecture, {}], STACKED);
    assert.is(samples[0]?.fixed.length, 25 * 28 * 28 * 3);
    const kernel = checkpoints.get(3)?.get('generator/conv2/kernel');
    assert.is(kernel?.shape.includes(3), true, `the last layer has three channels: ${kernel?.shape.join()}`);
  });
}

/** Asserts that all ways of training agree, and that what they agree on is right. */
async function check([architecture, objective]: Case, dataset: ImageDataset = DIGITS): Promise<Told> {
  const told = await assertOneTraining((how, from) => {
    return trained(new GanTraining(engine, dataset, { architecture, objective, ...OPTIONS, ...how }), from);
  }, 1);
  const resolved = objectiveOf(ARCHITECTURES[architecture], objective, OPTIONS.batch);
  checkMetrics(told, resolved);
  checkCounts(told, resolved);
  checkSingularVectors(told, resolved);
  return told;
}

function checkMetrics({ rows }: Told, { loss, pack }: Objective): void {
  for (const row of rows) {
    assert.is(row.wasserstein, loss.isCritic === true ? -2 * row.discriminatorLoss : undefined);
    assert.is(row.gradientPenalty !== undefined, loss.penalty !== undefined);
    for (const share of [row.realAccuracy, row.fakeAccuracy, row.foolingRate]) {
      assert.is(((share * OPTIONS.batch) / pack) % 1, 0, `a share of whole packs: ${JSON.stringify(row)}`);
    }
  }
}

/** Adam counts every update: of the discriminator several an iteration with critic steps, two by halves. */
function checkCounts({ checkpoints }: Told, { schedule, criticSteps }: Objective): void {
  for (const [iteration, state] of checkpoints) {
    const counted = (name: string): number | undefined => state.get(name)?.values[0];
    const updates = schedule === 'splitBatch' ? 2 : criticSteps;
    assert.is(counted('discriminator/adam_step'), iteration * updates);
    assert.is(counted('generator/adam_step'), iteration);
  }
}

/** Spectral normalisation keeps a vector for each kernel, which every iteration changes. */
function checkSingularVectors(told: Told, objective: Objective): void {
  const { start, checkpoints } = told;
  for (const [network, normalisation] of [
    ['discriminator', objective.normaliseDiscriminator],
    ['generator', objective.normaliseGenerator],
  ] as const) {
    const vectors = [...start].filter(([name]) => name.startsWith(network) && name.endsWith('/singular_vector'));
    assert.is(vectors.length > 0, normalisation === 'spectral', network);
    for (const [name, { shape, values }] of vectors) {
      // A vector of one number is ±1.
      if (shape[0] !== 1) assert.not.equal(checkpoints.get(1)?.get(name)?.values, values, `${name} changes`);
    }
  }
}

/** Absent half of the time, so that the losses' own settings occur as well. */
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const COMBINATION: fc.Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom<ArchitectureName>('dcgan', 'article'),
    fc.record({
      loss: fc.constantFrom(...LOSS_NAMES),
      criticSteps: maybe(fc.constantFrom(1, 2)),
      labelSmoothing: maybe(fc.constant(0.1)),
      generatorRate: maybe(fc.constant(1e-3)),
      normaliseDiscriminator: maybe(fc.constantFrom(...NORMALISATIONS)),
      normaliseGenerator: maybe(fc.constantFrom(...NORMALISATIONS)),
      pack: maybe(fc.constantFrom(2, 4)),
      minibatchStddev: maybe(fc.constant(true)),
      augment: maybe(fc.constant(['translation', 'cutout'] as const)),
      instanceNoise: maybe(fc.constant(0.1)),
      averageDecay: maybe(fc.constant(0.5)),
      unroll: maybe(fc.constant(1)),
      conditional: maybe(fc.constant(true)),
    }),
  )
  .filter(isAccepted);

function isAccepted([architecture, objective]: Case): boolean {
  try {
    objectiveOf(ARCHITECTURES[architecture], objective, OPTIONS.batch);
    return true;
  } catch (error) {
    if (error instanceof ObjectiveError) return false;
    throw error;
  }
}

slow('any accepted combination of settings: replayed, eager and resumed, bit for bit', async () => {
  const property = fc.asyncProperty(COMBINATION, async (combination) => {
    await check(combination);
  });
  await fc.assert(property, { seed: 6, numRuns: 8, endOnFailure: true });
});

test('the cases cover every loss', () => {
  assert.equal(new Set(CASES.map(([, { loss = 'bce' }]) => loss)), new Set(LOSS_NAMES));
});

test('the cases cover every setting', () => {
  const set = new Set(['loss', ...CASES.flatMap(([, objective]) => Object.keys(objective))]);
  assert.equal(
    SETTING_NAMES.filter((name) => !set.has(name)),
    [],
  );
});

test.run();
