/**
 * @file Draws a picture of the images that a trained generator makes of given z.
 */
import { Engine } from '../../../autograd/engine.js';
import { withCaption } from '../../../figures/caption.js';
import { encodeLargePng, imageGrid } from '../../../figures/png.js';
import { formatBytes } from '../../../gpu/errors.js';
import { freeMemory } from '../../../host/node/memory.js';
import { findCheckpoint, TrainedGenerator } from '../../../training/checkpoint/trainedGenerator.js';
import { chosenCheckpoint } from '../../options/checkpointFlags.js';
import { openWanted } from '../../options/deviceOptions.js';
import type { GeneratorFlags } from '../../options/generatorFlags.js';
import { writeOutput } from '../../options/outputFile.js';
import { UsageError } from '../../options/usageError.js';
import type { Output } from '../../terminal/output.js';

/** Maximum size of a picture, which needs 1 GiB while it is drawn. */
const MOST_PIXELS = 2 ** 26;

/** Four copies: the grid, the grid with its caption, and two of the encoder. */
const BYTES_PER_PIXEL = 4 * 4;

/** A picture to draw. */
export interface Drawing {
  /** [count, zDim] */
  readonly z: Float32Array;
  /** One per z for a conditional generator, otherwise undefined. */
  readonly labels?: ArrayLike<number> | undefined;
  readonly columns: number;
  /** Follows the iteration in the caption. */
  readonly title: string;
  /** Further values of `--json`. */
  readonly facts: object;
}

/** The generator's properties that a picture depends on. */
export type DrawnFrom = Pick<TrainedGenerator, 'zDim' | 'isConditional'>;

/** Loads a generator, lets `compose` choose what to draw, and writes the picture. */
export async function draw(
  path: string,
  flags: GeneratorFlags,
  output: Output,
  compose: (generator: DrawnFrom) => Drawing,
): Promise<void> {
  output.phase('reading the checkpoint');
  const { checkpoint, skipped } = findCheckpoint(path, chosenCheckpoint(flags));
  for (const { message } of skipped) output.say(`skipped: ${message}`, true);
  output.phase('opening the device');
  const device = await openWanted(flags);
  try {
    const generator = TrainedGenerator.load(new Engine(device), checkpoint);
    const { z, labels, columns, title, facts } = compose(generator);
    const count = z.length / generator.zDim;
    checkSize(
      flags.scale * generator.image.width * columns,
      flags.scale * generator.image.height * Math.ceil(count / columns),
    );
    output.phase('drawing images', 0, count);
    const images = await generator.images(z, labels, (done, total) => output.phase('drawing images', done, total));
    output.phase('writing the picture');
    const grid = imageGrid(images, { ...generator.image, count, columns, scale: flags.scale });
    const caption = `iteration ${checkpoint.iteration.toLocaleString('en')} · ${title}`;
    const picture = flags.caption ? withCaption(grid, caption) : grid;
    const png = await encodeLargePng(picture, (done, total) => output.phase('writing the picture', done, total));
    writeOutput(flags.out, png);
    generator.dispose();
    const { iteration } = checkpoint;
    output.result(
      { out: flags.out, checkpoint: checkpoint.path, iteration, zDim: generator.zDim, count, ...facts },
      () => [`${count} images of iteration ${iteration} (${checkpoint.path}): ${flags.out}`],
    );
  } finally {
    device.destroy();
  }
}

/** @throws UsageError for a picture that is too large, or does not fit into memory */
function checkSize(width: number, height: number): void {
  const bytes = width * height * BYTES_PER_PIXEL;
  const free = freeMemory() ?? Infinity;
  if (width * height <= MOST_PIXELS && bytes <= free) return;
  const memory = bytes <= free ? '' : ` (it needs ${formatBytes(bytes)} of memory, ${formatBytes(free)} are free)`;
  throw new UsageError(
    `a picture of ${width} × ${height} pixels is too large${memory}: draw fewer images, or use a smaller --scale`,
  );
}
