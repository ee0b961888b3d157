/**
 * @file The training step of an unrolled GAN by how many updates of the discriminator its gradient passes through.
 */
import type { Bench, Case, Group, Row } from './bench.js';
import { operationsOf, productsOf } from './products.js';
import { BATCH, makeGan, stepOf, Z_DIM } from './step.js';
import { measure, timed } from './support.js';

const STEPS = [0, 1, 5];

function unrollCase(unroll: number): Case {
  return { name: `dcgan, ${unroll} ahead, batch ${BATCH}, z ${Z_DIM}`, run: (bench) => run(unroll, bench) };
}

async function run(unroll: number, { engine, device, limit, effort }: Bench): Promise<Row> {
  const gan = makeGan(engine, 'dcgan', 1, { unroll });
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

export const unrollGroup: Group = {
  name: 'unroll',
  unit: 'GFLOP/s',
  cases: STEPS.map(unrollCase),
  note: 'Only products are counted as operations; an update ahead is made of many small dispatches besides.',
};
