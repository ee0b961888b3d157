/**
 * @file Prints the command that reproduces a page; machine-specific folders become `path/to`.
 */
import { basename } from 'node:path';

/** The flags of experiments/verdict/index.ts. */
export interface Flags {
  readonly samples: string;
  readonly draws: string;
  readonly memorised: boolean;
  readonly only: readonly string[];
  readonly out: string;
  readonly checkpoint: readonly string[];
}

/** @param usualOut the default of --out, which the command omits */
export function commandOf({ samples, draws, memorised, only, out, checkpoint }: Flags, usualOut: string): string {
  return [
    'node --import tsx experiments/verdict/index.ts --data-dir path/to/mnist',
    `--samples ${samples} --draws ${draws}`,
    ...(memorised ? ['--memorised'] : []),
    ...only.map((text) => `--only ${quoted(text)}`),
    ...(out === usualOut ? [] : [`--out path/to/${basename(out)}`]),
    ...checkpoint.map((given) => `--checkpoint ${quoted(shortened(given))}`),
  ].join(' ');
}

/** Keeps the last three parts of a path: the run's folder, `checkpoints`, and the file. */
function shortened(given: string): string {
  const at = given.indexOf('=') + 1;
  const parts = given.slice(at).split(/[\\/]/);
  return `${given.slice(0, at)}${parts.length > 3 ? 'path/to/' : ''}${parts.slice(-3).join('/')}`;
}

function quoted(text: string): string {
  return /^[\w.,=/-]+$/.test(text) ? text : `'${text}'`;
}
