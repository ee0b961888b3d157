/**
 * @file Looks at the latent space through a generator: a map of it, and walks from one z to another.
 */
import { imageGrid } from '../../figures/png.js';
import { normalCdf } from '../../evaluation/binomial.js';
import { drawZ, linearWalk } from '../../gan/latent.js';
import { type Figure, pictureFigure } from './figure.js';

/** What makes images of z; a {@link TrainedGenerator} is one. */
export interface ImageSource {
  readonly zDim: number;
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  /** Whether it is told a class with each z. */
  readonly isConditional: boolean;
  /**
   * @param z [count, zDim]
   * @param classes one for each z, where it is conditional
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

/** Images along a side of a map. */
const SIDE = 16;
/** Images of the line, and in each of its rows. */
const LINE = 60;
const LINE_ROW = 20;
/** Walks of a picture, and images of each. */
const WALKS = 3;
const STEPS = 11;

/** What a conditional generator is asked for: a figure shows what z does, and z alone. */
const MAPPED_CLASS = 0;

/** Pixels of a picture for each of an image. */
const SCALE = 2;

/** What a figure is of. */
function toldOf({ zDim, seed, iteration }: Run): string {
  return `z_dim ${zDim}, seed ${seed}, after ${iteration.toLocaleString('en')} iterations`;
}

/** A map of the latent space: its line, its plane, or of more dimensions the plane through three points. */
export async function mapFigure(source: ImageSource, run: Run): Promise<Figure> {
  const { z, columns, caption } = latentMap(source.zDim, `${run.seed}/map`);
  const told = toldOf(run);
  const alt = `${z.length / source.zDim} images over the latent space, ${told}`;
  return draw(source, { name: `map-${run.name}`, alt, caption: `${told}: ${caption}` }, z, columns);
}

/** Straight walks between z from N(0, 1), a row each. */
export async function walkFigure(source: ImageSource, run: Run): Promise<Figure> {
  const { zDim } = source;
  const ends = drawZ(2 * WALKS, zDim, `${run.seed}/walks`);
  const end = (index: number): Float32Array => ends.subarray(index * zDim, (index + 1) * zDim);
  const z = new Float32Array(WALKS * STEPS * zDim);
  for (let row = 0; row < WALKS; row++) z.set(linearWalk(end(2 * row), end(2 * row + 1), STEPS), row * STEPS * zDim);
  const told = toldOf(run);
  const alt = `${WALKS} walks of ${STEPS} images between two z, ${told}`;
  const caption = `${told}: ${WALKS} straight walks, each from one z on the left to another on the right.`;
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

/** Points to draw, in rows from above, and how to read them. */
export interface LatentMap {
  /** [count, zDim] */
  readonly z: Float32Array;
  readonly columns: number;
  readonly caption: string;
}

/**
 * Points that show a latent space of N(0, 1). Where it has one or two dimensions they are its quantiles, so that each
 * image stands for as large a share of the samples as any other; where it has more, they lie in the plane through three
 * points drawn by the seed (White 2016, https://arxiv.org/abs/1609.04468).
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

/** The middles of `count` parts of N(0, 1) that are equally probable, ascending. */
function quantiles(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => normalQuantile((index + 0.5) / count));
}

/** Far beyond all that is asked for. */
const FARTHEST = 6;

/**
 * The number below which a share of N(0, 1) lies, by bisection; off by less than 1e-4, as Φ is by 1e-7.
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
