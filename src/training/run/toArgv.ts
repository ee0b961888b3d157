/**
 * @file Converts the settings of a run into the arguments of the command that trains it.
 */
import { objectiveToArgv } from '../../gan/objective.js';
import type { RunArguments, RunDescription } from './runDescription.js';
import { RUN_SETTINGS } from './runSettings.js';

/**
 * The arguments of `train` for a run with these settings in the folder `out`. Evaluations are left out: they do not change
 * the weights.
 */
export function toArgv(
  args: RunArguments,
  { kind, folder }: Pick<RunDescription['dataset'], 'kind' | 'folder'>,
  out: string,
): string[] {
  const values = new Map<string, unknown>(Object.entries(args));
  // The preset only names the source of the sizes, and this version may not know it.
  const settings = RUN_SETTINGS.filter(({ name }) => name !== 'preset');
  const words = [
    ...settings.flatMap(({ name, flagName, noneWord }) => {
      const value = values.get(name);
      const isGiven = (typeof value === 'string' || typeof value === 'number') && value !== noneWord;
      return isGiven ? [flagName, value.toString()] : [];
    }),
    ...['--data', kind],
    ...(folder === undefined ? [] : ['--data-dir', folder]),
    ...['--out', out],
  ];
  return ['train', ...words, ...objectiveToArgv(args.objective)];
}
