/**
 * @file Settings together, as nobody chose them: any combination that is not refused trains, its replay is the eager step,
 * and a run that is gone on with ends as one that was not, bit for bit. That of a setting alone is its own file's.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { type ArchitectureName, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { NORMALISATIONS } from '../../src/models/layers/normalisation.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import { LOSS_NAMES } from '../../src/gan/losses.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { ObjectiveError, objectiveOf } from '../../src/gan/objective.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { assertOneTraining, trained } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'combinations', count: 40 });
const OPTIONS = { zDim: 3, width: 0.0625, batch: 8, iterations: 3, sampleEvery: 3, checkpointEvery: 1, seed: 'c' };

interface Combination {
  readonly architecture: ArchitectureName;
  readonly objective: ObjectiveOptions;
}

/** Absent half of the time, so that the losses' own settings are met as well. */
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const COMBINATION: fc.Arbitrary<Combination> = fc
  .record({
    architecture: fc.constantFrom('dcgan', 'article'),
    objective: fc.record({
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
  })
  .filter(isAccepted);

function isAccepted({ architecture, objective }: Combination): boolean {
  try {
    objectiveOf(ARCHITECTURES[architecture], objective, OPTIONS.batch);
    return true;
  } catch (error) {
    if (error instanceof ObjectiveError) return false;
    throw error;
  }
}

async function check({ architecture, objective }: Combination): Promise<void> {
  await assertOneTraining((how, from) => {
    return trained(new GanTraining(engine, DIGITS, { architecture, objective, ...OPTIONS, ...how }), from);
  }, 1);
}

for (const objective of [
  { unroll: 2, conditional: true },
  { unroll: 1, conditional: true, pack: 2, augment: ['translation', 'cutout'], averageDecay: 0.5 },
  { loss: 'wgan-gp', normaliseDiscriminator: 'spectral', averageDecay: 0.5, criticSteps: 2 },
  { loss: 'r1', normaliseDiscriminator: 'layer', conditional: true, pack: 2, instanceNoise: 0.1 },
] as const satisfies readonly ObjectiveOptions[]) {
  slow(`${JSON.stringify(objective)}: replayed, eager and gone on with, bit for bit`, () =>
    check({ architecture: 'dcgan', objective }),
  );
}

slow('any combination that is not refused: replayed, eager and gone on with, bit for bit', async () => {
  await fc.assert(fc.asyncProperty(COMBINATION, check), { seed: 6, numRuns: 8, endOnFailure: true });
});

test.run();
