/**
 * @file Runs the birthday test for repeated samples (Arora, Risteski and Zhang 2018, https://arxiv.org/abs/1706.08224) without
 * a person: the distances of real images decide which pairs count as the same picture.
 */
import type { Engine } from '../../autograd/engine.js';
import { countWithin, findNearest, type Balls } from '../features/pairwise.js';
import { centred, meanOf, rowsOf } from '../features/points.js';
import type { PartProgress } from '../progress.js';
import { checkLabelled, findThresholds, type LabelledImages, type Thresholds } from '../thresholds.js';

/** The real side, reusable for any number of sets with the same number of images. */
export interface DuplicateReference {
  readonly count: number;
  readonly size: number;
  /** [size], of the real images. */
  readonly mean: Float64Array;
  /** Of the distance to the nearest other. */
  readonly thresholds: Thresholds;
}

export interface Duplicates {
  /** Share of the images that have another nearer than all but 1 % of the real ones of their class have. */
  readonly duplicates: number;
  /** Estimated number of different images; null without a collision. */
  readonly support: number | null;
}

/**
 * Prepares the real side of {@link findDuplicates}.
 *
 * @throws Error for fewer than two images, bad labels, or an image that holds NaN, ±∞ or a number above 1e5
 */
export async function prepareDuplicates(
  engine: Engine,
  real: LabelledImages,
  progress?: PartProgress,
): Promise<DuplicateReference> {
  checkLabelled('prepareDuplicates', 'real images', real, 2);
  const mean = meanOf(real);
  const rows = centred(rowsOf(real), mean);
  const pairs = { queries: rows, candidates: rows, same: true };
  const { squaredDistances } = await findNearest(engine, pairs, 1, progress);
  const { count, size, labels } = real;
  return { count, size, mean, thresholds: findThresholds(squaredDistances, labels) };
}

/**
 * Finds duplicates among generated images. A collision is a pair nearer than any real image of its class to any other.
 * Of n draws a pair collides with the probability Σ p², so that n (n − 1) / 2 over the collisions estimates 1 / Σ p²: the
 * number of images where all are drawn equally often, and fewer otherwise.
 *
 * @param generated as many as the real images: with fewer, none is as near to another
 * @throws Error as {@link prepareDuplicates}, for images of another size and for another number of them
 */
export async function findDuplicates(
  engine: Engine,
  reference: DuplicateReference,
  generated: LabelledImages,
  progress?: PartProgress,
): Promise<Duplicates> {
  const op = 'findDuplicates';
  const { count, size, mean, thresholds } = reference;
  checkLabelled(op, 'generated images', generated, 2, size);
  if (generated.count !== count) {
    throw new Error(
      `${op}: got ${generated.count} generated images; it takes ${count}, as many as there are real ones`,
    );
  }
  const rows = centred(rowsOf(generated), mean);
  const balls = (squares: Float32Array): Balls => {
    const inner = squares.map(below);
    return { ...rows, squaredRadii: Float32Array.from(generated.labels, (label) => inner[label]!) };
  };
  // One pass serves both: a query's own ball finds duplicates, the candidates' balls find collisions.
  const queries = balls(thresholds.unusual);
  const pairs = { queries, candidates: balls(thresholds.unseen), same: true };
  const { held, holding } = await countWithin(engine, pairs, progress);
  const duplicates = held.reduce((sum, others) => sum + (others > 0 ? 1 : 0), 0) / count;
  const collisions = holding.reduce((sum, others) => sum + others, 0) / 2;
  return { duplicates, support: collisions === 0 ? null : (count * (count - 1)) / 2 / collisions };
}

/** The largest float32 below a number ≥ 0; -1 for 0, since no distance is negative. */
function below(value: number): number {
  const floats = Float32Array.of(value);
  const bits = new Uint32Array(floats.buffer);
  if (bits[0] === 0) return -1;
  bits[0]! -= 1;
  return floats[0]!;
}
