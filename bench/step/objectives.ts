/**
 * @file Measures the training step of each loss, each remedy for mode collapse, and unrolled discriminator updates. The first
 * row is the baseline.
 */
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { flaggedSettings } from '../../src/gan/objective.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { operationsOf, productsOf } from '../support/products.js';
import { BATCH, makeGan, stepOf, Z_DIM } from './step.js';
import { measure, timed } from '../support/measure.js';

const OBJECTIVES: readonly ObjectiveOptions[] = [
  { loss: 'bce' },
  { loss: 'lsgan' },
  { loss: 'hinge' },
  { loss: 'r1' },
  { loss: 'wgan', criticSteps: 1 },
  { loss: 'wgan' },
  { loss: 'wgan-gp', criticSteps: 1 },
  { loss: 'wgan-gp' },
  { normaliseDiscriminator: 'layer' },
  { normaliseDiscriminator: 'spectral' },
  { pack: 2 },
  { minibatchStddev: true },
  { augment: ['translation', 'cutout'] },
  { instanceNoise: 0.1 },
  { averageDecay: 0.999 },
  { conditional: true },
  { unroll: 1 },
  { unroll: 5 },
];

function nameOf(objective: ObjectiveOptions): string {
  return flaggedSettings(objective)
    .map(([flag, value]) => (value === '' ? flag : `${flag} ${value}`))
    .join(' ');
}

function objectiveCase(objective: ObjectiveOptions): Case {
  return { name: nameOf(objective), run: (bench) => run(objective, bench) };
}

async function run(objective: ObjectiveOptions, { engine, device, limit, effort }: Bench): Promise<Row> {
  const gan = makeGan(engine, 'dcgan', 1, objective);
  const plan = await engine.record(stepOf(gan));
  const amount = operationsOf(productsOf(engine, gan));
  const replay = (): void => {
    plan.replay();
  };
  const measured = await measure({ amount, run: () => timed(device, replay) }, limit, effort);
  const extra = { dispatches: plan.commands.length, planBytes: plan.memory.allocatedBytes };
  plan.dispose();
  gan.dispose();
  return { ...measured, tile: '', extra };
}

export const objectivesGroup: Group = {
  name: 'objectives',
  unit: 'GFLOP/s',
  cases: OBJECTIVES.map(objectiveCase),
  note:
    `The step of dcgan, batch ${BATCH}, z ${Z_DIM}. Only products are counted as operations; unrolling and the deviation of a ` +
    'batch take many small dispatches besides. A loss with several critic steps learns from as many batches.',
};
