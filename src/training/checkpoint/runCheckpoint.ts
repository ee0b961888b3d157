/**
 * @file What a run writes into its checkpoints, and whether one is its own.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { checkpointError, CheckpointError, checkTold, type Checkpoint } from './checkpoints.js';
import { withoutLooks } from '../gan/ganEvaluation.js';
import type { GanTraining } from '../../gan/ganTraining.js';
import type { RunArguments, RunDescription } from '../run/runDescription.js';

/** What a checkpoint says of its network and its run, so that it can be used without its run, and told from others'. */
export function aboutNetwork(
  args: RunArguments,
  dataset: Pick<ImageDataset, 'name' | 'sha256' | 'height' | 'width' | 'channels'>,
): Record<string, string> {
  const { architecture, objective, zDim, width, batch, seed } = args;
  const { height, width: imageWidth, channels } = dataset;
  const numbers = { zDim, width, batch, imageHeight: height, imageWidth, channels };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  const loss = objective === undefined ? {} : { loss: objective.loss };
  const normaliseGenerator = objective?.normaliseGenerator;
  const built = normaliseGenerator === undefined ? {} : { normaliseGenerator };
  const conditional = objective?.conditional === true ? { conditional: 'true' } : {};
  const learned = objective === undefined ? {} : { objective: objectiveText(objective) };
  const told = { ...loss, ...learned, ...built, ...conditional, ...Object.fromEntries(texts) };
  return { architecture, seed, dataset: dataset.name, datasetSha256: dataset.sha256, ...told };
}

/** The settings of an objective as JSON, whatever their order. */
function objectiveText(objective: RunArguments['objective']): string {
  return JSON.stringify(Object.entries(objective ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether a checkpoint is of a run. Facts that checkpoints of earlier versions do not tell are not held against them.
 *
 * @throws CheckpointError for a checkpoint of another run
 */
export function checkSameRun(
  checkpoint: Checkpoint,
  { arguments: args, dataset }: Pick<RunDescription, 'arguments' | 'dataset'>,
): void {
  const { path, iteration, about, tensors } = checkpoint;
  const { architecture, zDim, width, batch, seed, objective } = args;
  const numbers = { zDim, width, batch };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  // A checkpoint tells its loss, and how its generator is built, where the run's description does.
  const built = {
    loss: objective?.loss ?? (about.has('loss') ? 'bce' : undefined),
    conditional: objective?.conditional === true ? 'true' : about.has('conditional') ? 'false' : undefined,
    normaliseGenerator: objective?.normaliseGenerator ?? (about.has('normaliseGenerator') ? 'batch' : undefined),
    objective: about.has('objective') ? objectiveText(objective) : undefined,
    datasetSha256: about.has('datasetSha256') ? dataset.sha256 : undefined,
  };
  const told = Object.entries(built).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  checkTold(checkpoint, 'run', { architecture, ...Object.fromEntries(texts), seed, ...Object.fromEntries(told) });
  if (tensors.get('iteration')?.values[0] !== iteration) {
    throw new CheckpointError(`${path} is no checkpoint of iteration ${iteration}: its counter says otherwise`);
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
