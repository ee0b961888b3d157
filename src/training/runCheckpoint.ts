/**
 * @file What a run writes into its checkpoints, and how it finds the one to go on from.
 */
import type { ImageDataset } from '../data/dataset.js';
import { shown } from '../files/shown.js';
import { CheckpointError, type Checkpoint } from './checkpoints.js';
import { withoutLooks } from './ganLooks.js';
import type { GanTraining } from './ganTraining.js';
import type { RunArguments } from './runDescription.js';
import type { RunFolder } from './runFolder.js';

/** What a checkpoint says of its network, so that it can be used without its run. */
export function aboutNetwork(args: RunArguments, dataset: ImageDataset): Record<string, string> {
  const { architecture, zDim, width, batch, seed } = args;
  const { height, width: imageWidth, channels } = dataset;
  const numbers = { zDim, width, batch, imageHeight: height, imageWidth, channels };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  return { architecture, seed, dataset: dataset.name, ...Object.fromEntries(texts) };
}

/** @throws CheckpointError where there are checkpoints, but none can be used; says what to do then */
export function newestOf({ checkpoints }: RunFolder, fits: (found: Checkpoint) => void) {
  try {
    return checkpoints.newest(fits);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    const advice = `remove ${checkpoints.path} to begin the run again from its start`;
    throw new CheckpointError(`${cause.message}; ${advice}`, { cause });
  }
}

/** @throws CheckpointError for a checkpoint of another run */
export function checkSameRun({ path, iteration, about, tensors }: Checkpoint, args: RunArguments): void {
  if (tensors.get('iteration')?.values[0] !== iteration) {
    throw new CheckpointError(`${path} is no checkpoint of iteration ${iteration}: its counter says otherwise`);
  }
  for (const name of ['architecture', 'zDim', 'width', 'batch', 'seed'] as const) {
    const [found, expected] = [about.get(name), args[name].toString()];
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
    throw new CheckpointError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
