/**
 * @file What a run writes into its checkpoints, and whether one is its own.
 */
import type { ImageDataset } from '../data/dataset.js';
import { shown } from '../files/shown.js';
import { checkpointError, CheckpointError, type Checkpoint } from './checkpoints.js';
import { withoutLooks } from './ganLooks.js';
import type { GanTraining } from './ganTraining.js';
import type { RunArguments } from './runDescription.js';

/** What a checkpoint says of its network, so that it can be used without its run. */
export function aboutNetwork(args: RunArguments, dataset: ImageDataset): Record<string, string> {
  const { architecture, objective, zDim, width, batch, seed } = args;
  const { height, width: imageWidth, channels } = dataset;
  const numbers = { zDim, width, batch, imageHeight: height, imageWidth, channels };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  const loss = objective === undefined ? {} : { loss: objective.loss };
  const normaliseGenerator = objective?.normaliseGenerator;
  const built = normaliseGenerator === undefined ? {} : { normaliseGenerator };
  const conditional = objective?.conditional === true ? { conditional: 'true' } : {};
  const told = { ...loss, ...built, ...conditional, ...Object.fromEntries(texts) };
  return { architecture, seed, dataset: dataset.name, ...told };
}

/** @throws CheckpointError for a checkpoint of another run */
export function checkSameRun({ path, iteration, about, tensors }: Checkpoint, args: RunArguments): void {
  if (tensors.get('iteration')?.values[0] !== iteration) {
    throw new CheckpointError(`${path} is no checkpoint of iteration ${iteration}: its counter says otherwise`);
  }
  const { architecture, zDim, width, batch, seed, objective } = args;
  // A checkpoint tells its loss where the run's description does.
  const loss = objective?.loss ?? (about.has('loss') ? 'bce' : undefined);
  const told = { architecture, zDim, width, batch, seed, ...(loss === undefined ? {} : { loss }) };
  for (const [name, value] of Object.entries(told)) {
    const [found, expected] = [about.get(name), value.toString()];
    if (found !== expected) {
      throw new CheckpointError(
        `${path} is of another run: its ${name} is ${found === undefined ? 'not told' : shown(found)}, not ${shown(expected)}`,
      );
    }
  }
}

/** @throws CheckpointError for a checkpoint of another network */
export function restoreInto(training: GanTraining, { path, tensors }: Checkpoint): void {
  try {
    training.restore(withoutLooks(tensors), path);
  } catch (cause) {
    throw checkpointError(cause);
  }
}
