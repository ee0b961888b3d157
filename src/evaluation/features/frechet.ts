/**
 * @file Computes the Fréchet distance between two sets of features, each taken as a Gaussian: FID's formula (Heusel et al. 2017,
 * https://arxiv.org/abs/1706.08500), which is FID only on the features of Inception.
 */
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Engine } from '../../autograd/engine.js';
import { matmul } from '../../autograd/ops/index.js';
import { centred, checkPoints, meanOf, rowsOf, type Points } from './points.js';
import type { PartProgress } from '../progress.js';

/** Mean and covariance of a set of features. */
export interface Moments {
  readonly count: number;
  /** [size] */
  readonly mean: Float64Array;
  /** [size, size], symmetric; over count − 1. */
  readonly covariance: Float64Array;
}

/** Rows per product; the products are summed in float64. */
const ROWS = 1024;

/**
 * Computes mean and covariance of features. The engine multiplies centred rows.
 *
 * @throws Error for fewer than two points, or one that holds NaN, ±∞ or a number above 1e5
 */
export async function moments(engine: Engine, features: Points, progress?: PartProgress): Promise<Moments> {
  checkPoints('moments', 'features', features, 2);
  const { count, size } = features;
  const mean = meanOf(features);
  const rows = centred(rowsOf(features), mean);
  const covariance = new Float64Array(size * size);
  const values = new Float32Array(ROWS * size);
  const input = engine.tensor(values, [ROWS, size], { name: 'centred features' });
  try {
    const plan = await engine.recordUntuned(() => engine.noGrad(() => matmul(input, input, { transposeA: true })));
    try {
      for (let first = 0; first < count; first += ROWS) {
        const part = Math.min(ROWS, count - first);
        for (let i = 0; i < part; i++) rows.write(first + i, values.subarray(i * size, (i + 1) * size));
        values.fill(0, part * size);
        input.write(values);
        plan.replay();
        const products = await plan.results.data();
        for (let at = 0; at < covariance.length; at++) covariance[at]! += products[at]! / (count - 1);
        progress?.(first + part, count);
      }
    } finally {
      plan.dispose();
    }
  } finally {
    input.free();
  }
  return { count, mean, covariance };
}

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½) of two Gaussians (Dowson and Landau 1982,
 * https://doi.org/10.1016/0047-259X(82)90077-X).
 *
 * The last trace is computed as the sum of the singular values of Σ₂^½ Σ₁^½. A root of eigenvalues would turn a rounding
 * error of 1e-16 into 1e-8, in directions in which neither set varies, such as dead units.
 *
 * @throws Error if the sizes differ
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const size = a.mean.length;
  if (b.mean.length !== size) {
    throw new Error(`frechetDistance: got moments of ${size} and of ${b.mean.length} features; it takes equally many`);
  }
  const between = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const product = squareRoot(b).mmul(squareRoot(a));
  const vectors = { computeLeftSingularVectors: false, computeRightSingularVectors: false };
  const common = new SingularValueDecomposition(product, vectors).diagonal.reduce((sum, value) => sum + value, 0);
  // For equal sets, only rounding errors remain, of either sign.
  return Math.max(0, between + trace(a) + trace(b) - 2 * common);
}

/** The symmetric root of the covariance. */
function squareRoot({ covariance, mean }: Moments): Matrix {
  const matrix = Matrix.from1DArray(mean.length, mean.length, covariance);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const roots = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  return eigenvectorMatrix.clone().mulRowVector(roots).mmul(eigenvectorMatrix.transpose());
}

function trace({ covariance, mean }: Moments): number {
  return mean.reduce((sum, _, i) => sum + covariance[i * mean.length + i]!, 0);
}
