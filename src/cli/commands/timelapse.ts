/**
 * @file `timelapse`: animates a run's pictures over its iterations, as a GIF.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, createCommand, Option } from 'commander';
import { decodePng, type RasterImage } from '../../figures/png.js';
import { onFile } from '../../files/errors.js';
import { MOST_BYTES, readRegularFile } from '../../files/regularFiles.js';
import { between } from '../options/arguments.js';
import { writeOutput } from '../options/outputFile.js';
import { Output } from '../terminal/output.js';

interface TimelapseFlags {
  readonly kind: string;
  readonly fps: number;
  readonly checkpoint: 'newest' | 'best';
  readonly out?: string;
  readonly json?: boolean;
}

/** Duration of the last picture, in pictures. */
const LAST_STAYS = 8;

/** The command. */
export function timelapseCommand(): Command {
  return createCommand('timelapse')
    .description("animate a run's pictures over its iterations")
    .argument('<run>', "a run's folder")
    .addOption(
      new Option('--kind <name>', 'pictures of fixed z, of fresh z, or of the walk')
        .choices(['fixed', 'fresh', 'walk'])
        .default('fixed'),
    )
    .addOption(
      new Option(
        '--checkpoint <which>',
        'end with the pictures of the newest checkpoint, or of the best by train --keep-best',
      )
        .choices(['newest', 'best'])
        .default('newest'),
    )
    .option('--fps <pictures>', 'pictures per second, 0.1 to 50', between(0.1, 50), 4)
    .option('--out <file>', "the GIF (default: timelapse.gif in the run's folder)")
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', '\nExample:\n  node dist/cli timelapse runs/my-run --fps 8 --out training.gif')
    .action((path: string, flags: TimelapseFlags) => timelapse(path, flags));
}

async function timelapse(path: string, flags: TimelapseFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const { readRun, runFiles } = await import('../../training/run/runFiles.js');
  const { requireBest } = await import('../../training/checkpoint/bestCheckpoint.js');
  readRun(path);
  const last = flags.checkpoint === 'best' ? requireBest(path).iteration : Infinity;
  const { images } = runFiles(path);
  const name = new RegExp(`^${flags.kind}-(\\d{6,})\\.png$`);
  const there = existsSync(images) ? onFile('read', images, () => readdirSync(images)) : [];
  const iterationOf = (file: string): number => Number(name.exec(file)?.[1]);
  const found = there.filter((file) => iterationOf(file) <= last);
  const files = found.sort((a, b) => iterationOf(a) - iterationOf(b));
  if (files.length === 0) throw new Error(`${images} has no pictures ${flags.kind}-….png yet`);
  const { animationPieces } = await import('../../figures/animation.js');
  const delayMs = 1000 / flags.fps;
  const out = flags.out ?? join(path, 'timelapse.gif');
  const pictures = files.map((file) => join(images, file));
  const frames = framesOf(pictures, (done) => output.phase('encoding frames', done, pictures.length));
  writeOutput(out, animationPieces(frames, { delayMs, lastDelayMs: LAST_STAYS * delayMs, loop: true }));
  output.result({ out, frames: files.length, fps: flags.fps }, () => [`${files.length} pictures: ${out}`]);
}

/** Reads pictures one at a time. @throws Error for a damaged picture, or one of another size */
function* framesOf(pictures: readonly string[], progress: (done: number) => void): Generator<RasterImage> {
  let first: Pick<RasterImage, 'width' | 'height'> | undefined;
  for (const [index, picture] of pictures.entries()) {
    progress(index);
    const frame = readPicture(picture);
    first ??= { width: frame.width, height: frame.height };
    if (frame.width !== first.width || frame.height !== first.height) {
      throw new Error(`${picture} differs in size from ${pictures[0] ?? ''}`);
    }
    yield frame;
  }
}

function readPicture(picture: string): RasterImage {
  const bytes = readRegularFile(picture, MOST_BYTES.picture);
  try {
    return decodePng(bytes);
  } catch (cause) {
    throw new Error(`${picture} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
