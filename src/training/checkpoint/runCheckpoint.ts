/**
 * @file States facts about a GAN's run in its checkpoints, and checks whether a checkpoint belongs to a run.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { objectiveSettings } from '../../gan/objective.js';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import type { RunArguments, RunDescription } from '../run/runDescription.js';
import { type Checkpoint, CheckpointError, checkMetadata } from './checkpoints.js';

/** Metadata of a run's checkpoints: they can be used without the run, and told from those of other runs. */
export function networkMetadata(
  args: RunArguments,
  dataset: Pick<ImageDataset, 'name' | 'sha256' | 'height' | 'width' | 'channels'>,
): Record<string, string> {
  const { objective } = args;
  const { height, width: imageWidth, channels } = dataset;
  return {
    ...sizes(args),
    ...texts({ imageHeight: height, imageWidth, channels }),
    dataset: dataset.name,
    datasetSha256: dataset.sha256,
    ...(objective === undefined ? {} : { loss: objective.loss, objective: objectiveText(objective) }),
    ...(objective?.normaliseGenerator === undefined ? {} : { normaliseGenerator: objective.normaliseGenerator }),
    ...(objective?.conditional === true ? { conditional: 'true' } : {}),
  };
}

/**
 * Checks that a checkpoint belongs to a run. Facts that checkpoints of earlier versions do not state are not compared.
 *
 * @throws CheckpointError for a checkpoint of another run
 */
export function checkSameRun(
  checkpoint: Checkpoint,
  { arguments: args, dataset }: Pick<RunDescription, 'arguments' | 'dataset'>,
): void {
  const { path, iteration, metadata, tensors } = checkpoint;
  const { objective } = args;
  const settings = objectiveSettings(ARCHITECTURES[args.architecture], objective ?? {});
  // A default is compared only if the checkpoint states the fact.
  const stated = (name: string, value: string): string | undefined => (metadata.has(name) ? value : undefined);
  const facts = {
    loss: objective?.loss ?? stated('loss', settings.loss),
    conditional: settings.conditional ? 'true' : stated('conditional', 'false'),
    normaliseGenerator: objective?.normaliseGenerator ?? stated('normaliseGenerator', settings.normaliseGenerator),
    objective: stated('objective', objectiveText(objective)),
    datasetSha256: stated('datasetSha256', dataset.sha256),
  };
  const known = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  checkMetadata(checkpoint, { ...sizes(args), ...Object.fromEntries(known) });
  if (tensors.get('iteration')?.values[0] !== iteration) {
    throw new CheckpointError(`${path} is not a checkpoint of iteration ${iteration}: its counter differs`);
  }
}

function sizes({ architecture, zDim, width, batch, seed }: RunArguments): Record<string, string> {
  return { architecture, ...texts({ zDim, width, batch }), seed };
}

function texts(numbers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value.toString()]));
}

/** The settings of an objective as JSON, in alphabetical order. */
function objectiveText(objective: RunArguments['objective']): string {
  return JSON.stringify(Object.entries(objective ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
