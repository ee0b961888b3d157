/**
 * @file A run as the command that begins it: what `run.json` tells, back in the words that asked for it.
 */
import { objectiveToArgv } from '../../gan/objective.js';
import type { RunArguments, RunDescription } from './runDescription.js';

/**
 * The arguments by which this program trains such a run in the folder `out`. Looks for collapse are not among them: they
 * change nothing of what is trained.
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
