/**
 * @file A short training and all that it tells, for tests that compare one with another.
 */
import type { Metrics } from '../../src/training/ganMetrics.js';
import type { GanTraining, Samples } from '../../src/training/ganTraining.js';
import type { Snapshot } from '../../src/training/state.js';

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
  if (from !== undefined) training.restore(from, 'the test');
  const start = await training.snapshot();
  const rows: Metrics[] = [];
  const checkpoints = new Map<number, Snapshot>();
  const samples: Samples[] = [];
  await training.run({
    metrics: (_, more) => rows.push(...more),
    checkpoint: (iteration, state) => checkpoints.set(iteration, state),
    samples: (more) => samples.push(more),
  });
  training.dispose();
  return { start, rows, checkpoints, samples };
}
