/**
 * @file Compares generated and real features by balls around each point that reach to its k-th nearest neighbour: precision and recall (Kynkäänniemi et al. 2019,
 * https://arxiv.org/abs/1904.06991), density and coverage (Naeem et al. 2020, https://arxiv.org/abs/2002.09797).
 */
import type { Engine } from '../../autograd/engine.js';
import { countWithin, findNearest, type Balls } from './pairwise.js';
import { centred, checkPoints, meanOf, rowsOf, type Points, type Rows } from './points.js';
import { beginPhase, type EvaluationProgress, type PartProgress } from '../progress.js';

/**
 * Naeem's k, for all four: with it coverage of alike sets is 0.97 (his lemma 2). Kynkäänniemi took 3;
 * balls that reach further make precision and recall a little higher, for alike sets and for others.
 */
export const NEIGHBOURS = 5;

/** The real side, reusable for any number of generated sets. */
export interface NeighbourReference {
  readonly real: Points;
  /** Of the real points: what all are centred by, which distances do not see and float32 does. */
  readonly mean: Float64Array;
  /** [count], squared. */
  readonly squaredRadii: Float32Array;
}

export interface NeighbourMetrics {
  /** Share of the generated points that lie in a real point's ball. */
  readonly precision: number;
  /** Share of the real points that lie in a generated point's ball. */
  readonly recall: number;
  /** Real balls that a generated point lies in, over k, in the mean; 1 is expected of alike sets. */
  readonly density: number;
  /** Share of the real points in whose ball a generated point lies. */
  readonly coverage: number;
}

/**
 * Prepares the real side of {@link neighbourMetrics}.
 *
 * @throws Error for fewer than k + 1 points, or one that holds NaN, ±∞ or a number above 1e5
 */
export async function prepareNeighbours(
  engine: Engine,
  real: Points,
  progress?: PartProgress,
): Promise<NeighbourReference> {
  checkPoints('prepareNeighbours', 'real features', real, NEIGHBOURS + 1);
  const mean = meanOf(real);
  return { real, mean, squaredRadii: await radiiOf(engine, centred(rowsOf(real), mean), progress) };
}

/**
 * Computes precision, recall, density and coverage.
 *
 * @throws Error as {@link prepareNeighbours}, and for features of another size
 */
export async function neighbourMetrics(
  engine: Engine,
  reference: NeighbourReference,
  generated: Points,
  progress?: EvaluationProgress,
): Promise<NeighbourMetrics> {
  const { mean, squaredRadii } = reference;
  checkPoints('neighbourMetrics', 'generated features', generated, NEIGHBOURS + 1, reference.real.size);
  const real: Balls = { ...centred(rowsOf(reference.real), mean), squaredRadii };
  const rows = centred(rowsOf(generated), mean);
  const fake: Balls = { ...rows, squaredRadii: await radiiOf(engine, rows, beginPhase(progress, 'neighbours')) };

  const pairs = { queries: fake, candidates: real };
  const ofGenerated = await countWithin(engine, pairs, beginPhase(progress, 'precision and density'));
  const swapped = { queries: real, candidates: fake };
  const ofReal = await countWithin(engine, swapped, beginPhase(progress, 'recall and coverage'));
  return {
    precision: shareAbove0(ofGenerated.holding),
    recall: shareAbove0(ofReal.holding),
    density: ofGenerated.holding.reduce((sum, balls) => sum + balls, 0) / (NEIGHBOURS * generated.count),
    coverage: shareAbove0(ofReal.held),
  };
}

async function radiiOf(engine: Engine, rows: Rows, progress?: PartProgress): Promise<Float32Array> {
  const pairs = { queries: rows, candidates: rows, same: true };
  const { squaredDistances } = await findNearest(engine, pairs, NEIGHBOURS, progress);
  return Float32Array.from({ length: rows.count }, (_, row) => squaredDistances[(row + 1) * NEIGHBOURS - 1]!);
}

function shareAbove0(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) / counts.length;
}
