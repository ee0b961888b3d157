/**
 * @file Computes the kernel distance between two sets of features: KID's estimator (Bińkowski et al. 2018,
 * https://arxiv.org/abs/1801.01401), which is KID only on the features of Inception.
 */
import type { Engine } from '../../autograd/engine.js';
import { sumCubes } from './pairwise.js';
import { checkPoints, rowsOf, type Points } from './points.js';
import { halves, type PartProgress } from '../progress.js';

/** The real side, reusable for any number of generated sets. */
export interface KernelReference {
  readonly real: Points;
  /** Mean of the kernel over the pairs of different real points. */
  readonly within: number;
}

/**
 * Prepares the real side of {@link kernelDistance}.
 *
 * @throws Error for fewer than two points, or one that holds NaN, ±∞ or a number above 1e5
 */
export async function prepareKernelDistance(
  engine: Engine,
  real: Points,
  progress?: PartProgress,
): Promise<KernelReference> {
  checkPoints('prepareKernelDistance', 'real features', real, 2);
  return { real, within: await meanWithin(engine, real, progress) };
}

/**
 * The unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, lemma 6) with the kernel
 * (x·y / size + 1)³, over all pairs and not over subsets of them. Of two samples of one distribution it is 0 in the mean,
 * so it may be below.
 *
 * @throws Error as {@link prepareKernelDistance}, and for features of another size
 */
export async function kernelDistance(
  engine: Engine,
  reference: KernelReference,
  generated: Points,
  progress?: PartProgress,
): Promise<number> {
  const { real, within } = reference;
  checkPoints('kernelDistance', 'generated features', generated, 2, real.size);
  const [first, second] = halves(progress);
  const between = await sumCubes(engine, { queries: rowsOf(generated), candidates: rowsOf(real) }, first);
  return within + (await meanWithin(engine, generated, second)) - (2 * between) / (real.count * generated.count);
}

async function meanWithin(engine: Engine, points: Points, progress?: PartProgress): Promise<number> {
  const rows = rowsOf(points);
  const sum = await sumCubes(engine, { queries: rows, candidates: rows, same: true }, progress);
  return sum / (points.count * (points.count - 1));
}
