/**
 * @file How a judged run was trained: what its objective makes of its settings, and the command that trains it again.
 */
import { shellWord } from '../../src/host/node/commandLine.js';
import { ARCHITECTURES } from '../../src/models/networks/architectures.js';
import type { AdamSettings } from '../../src/models/optim/adam.js';
import { objectiveOf } from '../../src/gan/objective.js';
import type { RunArguments } from '../../src/training/run/runDescription.js';
import { toArgv } from '../../src/training/run/toArgv.js';
import { PUBLISHED_RATE } from './published.js';

/** What the page tells of a run's training beside its arguments. */
export function trainingOf(
  { architecture, objective, batch }: RunArguments,
  iteration: number,
): { adam: string; imagesSeen: number } {
  const { generatorAdam, discriminatorAdam, criticSteps, schedule } = objectiveOf(
    ARCHITECTURES[architecture],
    objective ?? {},
  );
  const real = schedule === 'splitBatch' ? batch / 2 : batch;
  return {
    adam: [generatorAdam, discriminatorAdam].map(told).join('; '),
    imagesSeen: iteration * criticSteps * real,
  };
}

function told({ learningRate, beta1, beta2 }: AdamSettings): string {
  const moments = Object.entries({ 'β₁': beta1, 'β₂': beta2 }).filter(([, value]) => value !== undefined);
  return [learningRate.toExponential(), ...moments.map(([name, value]) => `${name} ${value}`)].join(', ');
}

/** Sizes of this project's DCGAN, as flags take them. */
export interface DcganSizes {
  readonly width: string;
  readonly batch: string;
  readonly iterations: string;
  readonly seed: string;
  /** Images for each logit of the discriminator. Default: 1. */
  readonly pack?: string;
}

/** The arguments of `train` that train this project's DCGAN at the published learning rates. */
export function dcganArguments(
  { width, batch, iterations, seed, pack }: DcganSizes,
  mnist: string,
  out: string,
): string[] {
  const rates = ['--lr-generator', PUBLISHED_RATE, '--lr-discriminator', PUBLISHED_RATE];
  const sizes = ['--width', width, '--batch', batch, '--iterations', iterations, '--seed', seed];
  const images = ['--data', 'stacked', '--data-dir', mnist, '--sample-every', iterations];
  const packs = pack === undefined ? [] : ['--pack', pack];
  return ['train', '--z', '100', ...images, ...sizes, ...rates, ...packs, '--out', out];
}

/** Where {@link trainCommand} leaves a run, and the judging command looks for it. */
export function runFolder(name: string): string {
  return `runs/${name}`;
}

/** What to type for the same run up to the iteration that was judged. */
export function trainCommand(args: RunArguments, iteration: number, name: string): string {
  const images = { kind: 'stacked', folder: 'path/to/mnist' };
  const words = toArgv({ ...args, iterations: iteration }, images, runFolder(name));
  return ['node dist/cli', ...words.map(shellWord)].join(' ');
}

/** Parses `LABEL=FOLDER`. @throws Error for anything else */
export function labelledRun(given: string): { label: string; path: string } {
  const at = given.indexOf('=');
  if (at < 1) throw new Error(`--run ${given}: it takes LABEL=FOLDER`);
  return { label: given.slice(0, at), path: given.slice(at + 1) };
}
