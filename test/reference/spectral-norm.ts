/**
 * @file Spectral normalisation. Miyato et al. 2018, https://arxiv.org/abs/1802.05957, the weight turned into the paper's
 * matrix, a row an output unit.
 */
import type { SingularVectorsOptions } from '../../src/kernels/options.js';
import { div, mul } from './elementwise.js';
import { matmul } from './matmul.js';
import { sum } from './reduce.js';
import { reshape, transpose } from './shape.js';
import { type Array64, map64 } from './tensor.js';

/** uᵀ W v, with given u and v. */
export function spectralNorm(weight: Array64, { u, v, axis }: SingularVectorsOptions<Array64>): Array64 {
  const byInput = matmul(asMatrix(weight, axis), reshape(v, [v.data.length, 1]));
  return sum(mul(reshape(byInput, u.shape), u));
}

/** W / uᵀ W v, with given u and v. */
export function spectralNormalise(weight: Array64, vectors: SingularVectorsOptions<Array64>): Array64 {
  return div(weight, spectralNorm(weight, vectors));
}

/** One iteration from u. */
export function powerIteration(weight: Array64, u: Array64, axis?: number): { u: Array64; v: Array64 } {
  const matrix = asMatrix(weight, axis);
  const v = unit(matmul(reshape(u, [1, u.data.length]), matrix));
  const next = unit(matmul(matrix, reshape(v, [v.data.length, 1])));
  return { u: reshape(next, u.shape), v: reshape(v, [v.data.length]) };
}

/** [units, the rest], the rest in the order that it has in memory. */
export function asMatrix(weight: Array64, axis = -1): Array64 {
  const at = axis < 0 ? axis + weight.shape.length : axis;
  const others = weight.shape.map((_, index) => index).filter((index) => index !== at);
  return reshape(transpose(weight, [at, ...others]), [weight.shape[at]!, weight.data.length / weight.shape[at]!]);
}

function unit(x: Array64): Array64 {
  const norm = Math.hypot(...x.data);
  return map64(x, (value) => value / norm);
}
