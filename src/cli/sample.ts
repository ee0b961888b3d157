/**
 * @file `sample`: images from a checkpoint, by seed or from given z.
 */
import { type Command, createCommand } from 'commander';
import { drawZ } from '../training/latent.js';
import { integer } from './arguments.js';
import { addPoint, checkPoint, withGeneratorFlags, type GeneratorFlags } from './generatorFlags.js';
import { Output } from './output.js';
import { UsageError } from './usageError.js';

/** The most images of one picture. */
const MOST = 10_000;

interface SampleFlags extends GeneratorFlags {
  readonly count?: number;
  readonly columns?: number;
  readonly seed?: string;
  readonly z?: readonly number[][];
}

/** The command. */
export function sampleCommand(): Command {
  const command = createCommand('sample').description('draw images from a checkpoint');
  return withGeneratorFlags(command, 'samples.png')
    .option('--count <images>', `how many, up to ${MOST} (default: 25)`, integer(1, MOST))
    .option('--columns <images>', 'images a row (default: as square as it can be)', integer(1, MOST))
    .option('--seed <text>', 'z is drawn from N(0, 1); the first ones of a seed stay the same (default: "1")')
    .option('--z <numbers>', 'a given z, numbers between commas; once for each image', addPoint)
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli sample runs/my-run --count 100 --seed 7 --out digits.png' +
        '\n  node dist/cli sample runs/my-run/checkpoints/003000.safetensors --z=0.5,-1.2 --z=-0.5,1.2',
    )
    .action((path: string, flags: SampleFlags) => sample(path, flags));
}

async function sample(path: string, flags: SampleFlags): Promise<void> {
  const { z, seed } = flags;
  if (z !== undefined && (seed !== undefined || flags.count !== undefined)) {
    throw new UsageError('--z gives the points themselves, and takes no --seed or --count');
  }
  const { draw } = await import('./drawing.js');
  await draw(path, flags, new Output(flags.json === true), (zDim) => {
    const points = z?.flatMap((point) => [...checkPoint('--z', point, zDim)]);
    const count = z?.length ?? flags.count ?? 25;
    const columns = flags.columns ?? Math.ceil(Math.sqrt(count));
    if (points !== undefined) return { z: Float32Array.from(points), columns, title: 'given z', facts: {} };
    const chosen = seed ?? '1';
    return { z: drawZ(count, zDim, chosen), columns, title: `seed ${chosen}`, facts: { seed: chosen } };
  });
}
