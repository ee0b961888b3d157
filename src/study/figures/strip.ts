/**
 * @file Draws the article's main figure: images of the same z over the iterations, side by side, from the run's own pictures.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onFile } from '../../files/errors.js';
import { MOST_BYTES, readRegularFile } from '../../files/regularFiles.js';
import { withCaption } from '../../figures/caption.js';
import { decodePng, type RasterImage } from '../../figures/png.js';
import { beside, crop, shrink } from '../../figures/raster.js';
import { runFiles } from '../../training/run/runFiles.js';
import { StudyError } from '../plan/studyDescription.js';
import { type Figure, pictureFigure } from './figure.js';

/** Largest number of panels. */
const MOST = 8;

/** A run's pictures have a scale of 4; strips have a scale of 2. */
const FACTOR = 2;

/** Pixels. */
const GAP = 12;
const LETTERS = 26;

const NAME = /^fixed-(\d{6,})\.png$/;

/**
 * Draws the strip of a run.
 *
 * @returns undefined if the run has no pictures yet
 * @throws StudyError for a picture that is damaged; FileError
 */
export function stripFigure(path: string, run: { name: string; zDim: number; seed: string }): Figure | undefined {
  const { images } = runFiles(path);
  const chosen = chooseEvenly(picturedIterations(images), MOST);
  if (chosen.length === 0) return undefined;
  const panels = chosen.map((iteration) => {
    return withCaption(gridOf(images, iteration), iteration.toLocaleString('en'), LETTERS);
  });
  const title = `z_dim ${run.zDim}, seed ${run.seed}`;
  return pictureFigure(
    {
      name: `strip-${run.name}`,
      alt: `Images of the same z after ${chosen.map((each) => each.toLocaleString('en')).join(', ')} iterations, ${title}`,
      caption: `${title}: the same z over the iterations.`,
    },
    beside(panels, GAP),
  );
}

/** Lists the iterations that have a picture of the fixed z, ascending. @throws FileError */
export function picturedIterations(images: string): number[] {
  const names = existsSync(images) ? onFile('read', images, () => readdirSync(images)) : [];
  return names.flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
}

/**
 * Reads a picture of the fixed z, and crops it to the square of images above the caption.
 *
 * @throws StudyError for a picture that is damaged; FileError
 */
export function gridOf(images: string, iteration: number): RasterImage {
  const path = join(images, `fixed-${iteration.toString().padStart(6, '0')}.png`);
  const bytes = readRegularFile(path, MOST_BYTES.picture);
  try {
    const picture = decodePng(bytes);
    return shrink(crop(picture, picture.width, picture.width), FACTOR);
  } catch (cause) {
    throw new StudyError(`${path} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * At most so many of some values in order, the first and the last among them; what lies between stands closer at the
 * beginning, each a like factor later, for most happens early.
 */
export function chooseEvenly<T>(values: readonly T[], most: number): T[] {
  const { length } = values;
  if (length <= most) return [...values];
  const chosen = new Set<number>();
  for (let place = 0; place < most; place++) {
    const wanted = Math.round(length ** (place / (most - 1))) - 1;
    let index = wanted;
    while (chosen.has(index)) index++;
    chosen.add(index);
  }
  return [...chosen].map((index) => values[index]!);
}
