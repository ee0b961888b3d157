/**
 * @file The product of two matrices.
 */
import type { MatmulOptions } from '../../src/kernels/options.js';
import { epilogue } from './activation.js';
import { transpose } from './shape.js';
import { type Array64, array64, shapeError } from './tensor.js';

/** y[m, n] = activation(Σ_k a[m, k] · b[k, n] + bias[n]), each operand transposed first where asked for. */
export function matmul(a: Array64, b: Array64, options: MatmulOptions<Array64> = {}): Array64 {
  const { transposeA = false, transposeB = false } = options;
  const takes = `a ${transposeA ? '[K, M]' : '[M, K]'} and b ${transposeB ? '[N, K]' : '[K, N]'}`;
  if (a.shape.length !== 2 || b.shape.length !== 2) throw shapeError('matmul', { a, b }, takes);
  const left = transposeA ? transpose(a) : a;
  const right = transposeB ? transpose(b) : b;
  const [rows, depth] = [left.shape[0]!, left.shape[1]!];
  const columns = right.shape[1]!;
  if (right.shape[0] !== depth) throw shapeError('matmul', { a, b }, takes);

  const product = array64([rows, columns]);
  for (let m = 0; m < rows; m++)
    for (let n = 0; n < columns; n++) {
      let total = 0;
      for (let k = 0; k < depth; k++) total += left.data[m * depth + k]! * right.data[k * columns + n]!;
      product.data[m * columns + n] = total;
    }
  return epilogue('matmul', product, options);
}
