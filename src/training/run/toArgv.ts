/**
 * @file Converts the settings of a run into the arguments of the command that trains it.
 */
import { objectiveToArgv } from '../../gan/objective.js';
import type { RunArguments, RunDescription } from './runDescription.js';

/**
 * The arguments of `train` for a run with these settings in the folder `out`. Evaluations are left out: they do not change
 * the weights.
 */
export function toArgv(
  args: RunArguments,
  { kind, folder }: Pick<RunDescription['dataset'], 'kind' | 'folder'>,
  out: string,
): string[] {
  const { architecture, zDim, width, batch, iterations, sampleEvery, checkpointEvery, keep, seed } = args;
  const flags = {
    z: zDim,
    arch: architecture,
    width,
    batch,
    iterations,
    'sample-every': sampleEvery,
    'checkpoint-every': checkpointEvery,
    keep,
    seed,
    data: kind,
    ...(folder === undefined ? {} : { 'data-dir': folder }),
    out,
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value.toString()]);
  return ['train', ...words, ...objectiveToArgv(args.objective)];
}
