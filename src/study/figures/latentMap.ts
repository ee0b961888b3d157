/**
 * @file Draws a map of the latent space, and walks from one z to another.
 */
import { imageGrid } from '../../figures/png.js';
import { normalCdf } from '../../evaluation/binomial.js';
import { drawZ, linearWalk } from '../../gan/latent.js';
import { type Figure, pictureFigure } from './figure.js';

/** Makes images of z, for example a {@link TrainedGenerator}. */
export interface ImageSource {
  readonly zDim: number;
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  /** Whether it takes a class with each z. */
  readonly isConditional: boolean;
  /**
   * @param z [count, zDim]
   * @param classes one for each z; only if conditional
   * @returns [count, height, width, channels] in [−1, 1]
   */
  images(z: Float32Array, classes?: ArrayLike<number>): Promise<Float32Array>;
}

interface Run {
  readonly name: string;
  readonly zDim: number;
  readonly seed: string;
  /** Of the checkpoint. */
  readonly iteration: number;
}

/** Images per side of a map. */
const SIDE = 16;
/** Images of the line in total, and per row. */
const LINE = 60;
const LINE_ROW = 20;
/** Walks per picture, and images per walk. */
const WALKS = 3;
const STEPS = 11;

/** The class requested from a conditional generator. It is constant, so that only z varies. */
const MAPPED_CLASS = 0;

/** Pixels per image pixel, in each direction. */
const SCALE = 2;

/** Names the run and the iteration of a figure. */
function titleOf({ zDim, seed, iteration }: Run): string {
  return `z_dim ${zDim}, seed ${seed}, after ${iteration.toLocaleString('en')} iterations`;
}

/** Draws a map of the latent space: its line, its plane, or for more dimensions the plane through three points. */
export async function mapFigure(source: ImageSource, run: Run): Promise<Figure> {
  const { z, columns, caption } = latentMap(source.zDim, `${run.seed}/map`);
  const title = titleOf(run);
  const alt = `${z.length / source.zDim} images over the latent space, ${title}`;
  return draw(source, { name: `map-${run.name}`, alt, caption: `${title}: ${caption}` }, z, columns);
}

/** Draws straight walks between z from N(0, 1), one per row. */
export async function walkFigure(source: ImageSource, run: Run): Promise<Figure> {
  const { zDim } = source;
  const ends = drawZ(2 * WALKS, zDim, `${run.seed}/walks`);
  const end = (index: number): Float32Array => ends.subarray(index * zDim, (index + 1) * zDim);
  const z = new Float32Array(WALKS * STEPS * zDim);
  for (let row = 0; row < WALKS; row++) z.set(linearWalk(end(2 * row), end(2 * row + 1), STEPS), row * STEPS * zDim);
  const title = titleOf(run);
  const alt = `${WALKS} walks of ${STEPS} images between two z, ${title}`;
  const caption = `${title}: ${WALKS} straight walks, each from one z on the left to another on the right.`;
  return draw(source, { name: `walk-${run.name}`, alt, caption }, z, STEPS);
}

async function draw(
  source: ImageSource,
  texts: Pick<Figure, 'name' | 'alt' | 'caption'>,
  z: Float32Array,
  columns: number,
): Promise<Figure> {
  const count = z.length / source.zDim;
  const { isConditional } = source;
  const images = await source.images(z, isConditional ? new Uint8Array(count).fill(MAPPED_CLASS) : undefined);
  const caption = isConditional ? `${texts.caption} All are asked to be ${MAPPED_CLASS}.` : texts.caption;
  return pictureFigure({ ...texts, caption }, imageGrid(images, { ...source.image, count, columns, scale: SCALE }));
}

/** Points of a map, in rows from top to bottom, with a caption. */
export interface LatentMap {
  /** [count, zDim] */
  readonly z: Float32Array;
  readonly columns: number;
  readonly caption: string;
}

/**
 * Chooses points of a latent space of N(0, 1). For one or two dimensions they are quantiles, so each image stands for an
 * equal share of the samples. For more dimensions they lie in the plane through three points drawn by the seed (White 2016, https://arxiv.org/abs/1609.04468).
 */
export function latentMap(zDim: number, seed: string): LatentMap {
  if (zDim === 1) {
    const caption =
      'the whole line, from left to right and row by row, in steps of one sixtieth of the probability of N(0, 1).';
    return { z: quantiles(LINE), columns: LINE_ROW, caption };
  }
  const steps = quantiles(SIDE);
  if (zDim === 2) {
    const caption =
      `the square of z, its first number to the right, its second upwards, each in ${SIDE} steps of like probability ` +
      'of N(0, 1).';
    return { z: square((x, y) => [steps[x]!, steps[SIDE - 1 - y]!], 2), columns: SIDE, caption };
  }
  const points = drawZ(3, zDim, seed);
  const [corner, right, below] = [0, 1, 2].map((index) => points.subarray(index * zDim, (index + 1) * zDim));
  const at = (x: number, y: number): number[] =>
    Array.from({ length: zDim }, (_, i) => {
      const [a, b, c] = [corner?.[i] ?? 0, right?.[i] ?? 0, below?.[i] ?? 0];
      return a + (x / (SIDE - 1)) * (b - a) + (y / (SIDE - 1)) * (c - a);
    });
  const caption =
    'the plane through three z from N(0, 1), which lie in the upper left, upper right and lower left corners; ' +
    'the fourth corner follows from them and is further from 0 than z are.';
  return { z: square(at, zDim), columns: SIDE, caption };
}

function square(at: (x: number, y: number) => readonly number[], zDim: number): Float32Array {
  const z = new Float32Array(SIDE * SIDE * zDim);
  for (let index = 0; index < SIDE * SIDE; index++) z.set(at(index % SIDE, Math.floor(index / SIDE)), index * zDim);
  return z;
}

/** Midpoints of `count` equally probable parts of N(0, 1), ascending. */
function quantiles(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => normalQuantile((index + 0.5) / count));
}

/** Bound of the search, beyond all quantiles in use. */
const FARTHEST = 6;

/**
 * Computes a quantile of N(0, 1) by bisection. Error: below 1e-4, since Φ has an error of 1e-7.
 *
 * @param share from 0.001 to 0.999
 */
export function normalQuantile(share: number): number {
  let [low, high] = [-FARTHEST, FARTHEST];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
