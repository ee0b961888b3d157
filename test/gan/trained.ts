/**
 * @file A short training and all that it tells, for tests that compare one with another.
 */
import * as assert from 'uvu/assert';
import type { Metrics } from '../../src/gan/ganMetrics.js';
import type { GanTraining, Samples } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import type { Snapshot } from '../../src/data/weights/state.js';

export interface Told {
  /** Before the first iteration. */
  readonly start: Snapshot;
  readonly rows: readonly Metrics[];
  /** By iteration. */
  readonly checkpoints: ReadonlyMap<number, Snapshot>;
  readonly samples: readonly Samples[];
}

/** Trains to the end, and frees the training. @param from the state to go on from */
export async function trained(training: GanTraining, from?: Snapshot): Promise<Told> {
  const trainer = new Trainer(training);
  if (from !== undefined) trainer.restore(from, 'the test');
  const start = await trainer.snapshot();
  const rows: Metrics[] = [];
  const checkpoints = new Map<number, Snapshot>();
  const samples: Samples[] = [];
  await trainer.run({
    metrics: (_, more) => rows.push(...more),
    checkpoint: (iteration, state) => checkpoints.set(iteration, state),
    samples: (more) => samples.push(more),
  });
  training.dispose();
  return { start, rows, checkpoints, samples };
}

/**
 * Asserts that a training is one thing however it is run: its numbers are finite, a replay is the eager step, and a run that
 * is resumed ends as one that was not, bit for bit.
 *
 * @param run trains to the end, from a state where one is given
 * @param from the iteration to go on from, which has a checkpoint
 * @returns the run that was replayed from start to end
 */
export async function assertOneTraining(
  run: (options: { readonly eager: boolean }, from?: Snapshot) => Promise<Told>,
  from: number,
): Promise<Told> {
  const straight = await run({ eager: false });
  for (const row of straight.rows) assert.ok(Object.values(row).every(Number.isFinite), JSON.stringify(row));
  const eager = await run({ eager: true });
  assert.equal(eager.rows, straight.rows);
  assert.equal([...eager.checkpoints], [...straight.checkpoints]);
  assert.equal(eager.samples, straight.samples);
  const state = straight.checkpoints.get(from);
  assert.ok(state, `a checkpoint of iteration ${from}`);
  const resumed = await run({ eager: false }, state);
  assert.equal(resumed.rows, straight.rows.slice(from));
  assert.equal(
    [...resumed.checkpoints],
    [...straight.checkpoints].filter(([iteration]) => iteration > from),
  );
  assert.equal(resumed.samples, straight.samples);
  return straight;
}
