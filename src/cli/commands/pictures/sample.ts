/**
 * @file `sample`: draws images by a checkpoint, from a seed or from given z.
 */
import { type Command, createCommand } from 'commander';
import { drawZ } from '../../../gan/latent.js';
import { forEachClass, rowsByClass } from '../../../gan/samplePoints.js';
import { CLASSES } from '../../../models/networks/classifier.js';
import { integer } from '../../options/arguments.js';
import {
  addPoint,
  checkLabel,
  checkPoint,
  withGeneratorFlags,
  type GeneratorFlags,
} from '../../options/generatorFlags.js';
import { UsageError } from '../../options/usageError.js';
import type { Drawing } from './drawing.js';
import { Output } from '../../terminal/output.js';

/** Maximum number of images of a picture. */
const MOST = 10_000;

interface SampleFlags extends GeneratorFlags {
  readonly count?: number;
  readonly columns?: number;
  readonly seed?: string;
  readonly z?: readonly number[][];
}

/** The command. */
export function sampleCommand(): Command {
  const command = createCommand('sample').description('draw images by a checkpoint');
  return withGeneratorFlags(command, 'samples.png')
    .option(
      '--count <images>',
      `number of images, up to ${MOST} (default: 25); of a conditional run without --label, per label (default: 10)`,
      integer(1, MOST),
    )
    .option('--columns <images>', 'images per row (default: as square as possible)', integer(1, MOST))
    .option('--seed <text>', 'seed of z, which is drawn from N(0, 1); more images extend fewer (default: "1")')
    .option('--z <numbers>', 'a given z, numbers separated by commas; once per image', addPoint)
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli sample runs/my-run --count 100 --seed 7 --out digits.png' +
        '\n  node dist/cli sample runs/my-conditional-run --label 3' +
        '\n  node dist/cli sample runs/my-run/checkpoints/003000.safetensors --z=0.5,-1.2 --z=-0.5,1.2',
    )
    .action((path: string, flags: SampleFlags) => sample(path, flags));
}

async function sample(path: string, flags: SampleFlags): Promise<void> {
  const { z, seed } = flags;
  if (z !== undefined && (seed !== undefined || flags.count !== undefined)) {
    throw new UsageError('--z gives the points and takes no --seed or --count');
  }
  const { draw } = await import('./drawing.js');
  await draw(path, flags, new Output(flags.json === true), ({ zDim, isConditional }) => {
    const { label } = flags;
    checkLabel(label, isConditional);
    const isByLabel = isConditional && label === undefined;
    const points = z?.flatMap((point) => [...checkPoint('--z', point, zDim)]);
    const count = z?.length ?? flags.count ?? (isByLabel ? CLASSES : 25);
    const chosen = seed ?? '1';
    const drawn = points === undefined ? drawZ(count, zDim, chosen) : Float32Array.from(points);
    const title = points === undefined ? `seed ${chosen}` : 'given z';
    const facts = points === undefined ? { seed: chosen } : {};
    if (isByLabel) return byLabel(drawn, count, flags, { title, facts });
    const columns = flags.columns ?? Math.ceil(Math.sqrt(count));
    if (label === undefined) return { z: drawn, columns, title, facts };
    const labels = new Uint8Array(count).fill(label);
    return { z: drawn, labels, columns, title: `label ${label}, ${title}`, facts: { ...facts, label } };
  });
}

/** Draws the same z at each label, a row per label. */
function byLabel(
  z: Float32Array,
  count: number,
  { columns }: SampleFlags,
  { title, facts }: Pick<Drawing, 'title' | 'facts'>,
): Drawing {
  if (columns !== undefined) {
    throw new UsageError('--columns: without --label, a row holds the --count images of a label');
  }
  if (count * CLASSES > MOST) {
    throw new UsageError(`${count} images of each label: at most ${MOST} images in all`);
  }
  const labels = rowsByClass(count);
  return { z: forEachClass(z), labels, columns: count, title: `a row per label, ${title}`, facts };
}
