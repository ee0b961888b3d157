/**
 * @file `interpolate`: draws walks through the latent space, a row each.
 */
import { type Command, createCommand, Option } from 'commander';
import { drawZ, linearWalk, sphericalWalk } from '../../../gan/latent.js';
import { forEachClass, rowsByClass } from '../../../gan/samplePoints.js';
import { CLASSES } from '../../../models/networks/classifier.js';
import { integer } from '../../options/arguments.js';
import {
  checkLabel,
  checkPoint,
  parsePoint,
  withGeneratorFlags,
  type GeneratorFlags,
} from '../../options/generatorFlags.js';
import { UsageError } from '../../options/usageError.js';
import type { Drawing } from './drawing.js';
import { Output } from '../../terminal/output.js';

const WALKS = { linear: linearWalk, spherical: sphericalWalk } as const;

/** Maximum number of images of a picture. */
const MOST = 10_000;

interface InterpolateFlags extends GeneratorFlags {
  readonly steps: number;
  readonly rows?: number;
  readonly seed?: string;
  readonly from?: number[];
  readonly to?: number[];
  readonly walk: keyof typeof WALKS;
}

/** The command. */
export function interpolateCommand(): Command {
  const command = createCommand('interpolate').description('draw walks between two z by a checkpoint, a row each');
  return withGeneratorFlags(command, 'interpolation.png')
    .option('--steps <images>', 'images of a walk, both ends included', integer(2, 1000), 11)
    .option(
      '--rows <walks>',
      'number of walks between ends drawn by the seed (default: 5); of a conditional run without --label, per label (default: 1)',
      integer(1, 1000),
    )
    .option('--seed <text>', 'seed of the ends, which are drawn from N(0, 1) (default: "1")')
    .option('--from <numbers>', 'the first end, numbers separated by commas', parsePoint)
    .option('--to <numbers>', 'the last end', parsePoint)
    .addOption(
      new Option('--walk <kind>', 'straight line, or great circle, which keeps the length of z')
        .choices(Object.keys(WALKS))
        .default('linear'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli interpolate runs/my-run --rows 8 --walk spherical' +
        '\n  node dist/cli interpolate runs/my-run --from=-2,0 --to=2,0 --steps 21',
    )
    .action((path: string, flags: InterpolateFlags) => interpolate(path, flags));
}

/** @throws UsageError for more images than a picture may have */
function checkCount(rows: number, steps: number): void {
  if (rows * steps > MOST) throw new UsageError(`${rows} rows of ${steps} images: at most ${MOST} images in all`);
}

/** Draws the walks at the requested label, or at each label in turn. */
function atLabels(drawing: Drawing, zDim: number, label: number | undefined): Drawing {
  const { z, columns, title, facts } = drawing;
  const count = z.length / zDim;
  if (label !== undefined) {
    const labels = new Uint8Array(count).fill(label);
    return { ...drawing, labels, title: `label ${label}, ${title}`, facts: { ...facts, label } };
  }
  checkCount((CLASSES * count) / columns, columns);
  return { ...drawing, z: forEachClass(z), labels: rowsByClass(count), title: `each label, ${title}` };
}

async function interpolate(path: string, flags: InterpolateFlags): Promise<void> {
  const { steps, from, to, seed } = flags;
  const walk = WALKS[flags.walk];
  if ((from === undefined) !== (to === undefined)) throw new UsageError('--from and --to are used together');
  if (from !== undefined && (seed !== undefined || flags.rows !== undefined)) {
    throw new UsageError('--from and --to define one walk and take no --seed or --rows');
  }
  const { draw } = await import('./drawing.js');
  await draw(path, flags, new Output(flags.json === true), ({ zDim, isConditional }) => {
    const { label } = flags;
    checkLabel(label, isConditional);
    const at = (drawing: Drawing): Drawing => (isConditional ? atLabels(drawing, zDim, label) : drawing);
    const facts = { steps, walk: flags.walk };
    if (from !== undefined && to !== undefined) {
      const z = walk(checkPoint('--from', from, zDim), checkPoint('--to', to, zDim), steps);
      return at({ z, columns: steps, title: `${flags.walk} walk`, facts: { ...facts, from, to } });
    }
    const rows = flags.rows ?? (isConditional && label === undefined ? 1 : 5);
    if (rows * steps > MOST) throw new UsageError(`--rows ${rows} --steps ${steps}: at most ${MOST} images in all`);
    const chosen = seed ?? '1';
    const ends = drawZ(2 * rows, zDim, chosen);
    const end = (index: number): Float32Array => ends.subarray(index * zDim, (index + 1) * zDim);
    const z = new Float32Array(rows * steps * zDim);
    for (let row = 0; row < rows; row++) z.set(walk(end(2 * row), end(2 * row + 1), steps), row * steps * zDim);
    const title = `${flags.walk} walks, seed ${chosen}`;
    return at({ z, columns: steps, title, facts: { ...facts, seed: chosen, rows } });
  });
}
