/**
 * @file Products of matrices, and of stacks of them.
 */
import type { MatmulOptions } from '../../src/kernels/options.js';
import { epilogue } from './activation.js';
import { broadcastShapes, broadcastTo, transpose } from './shape.js';
import { type Array64, array64, shapeError, sizeOf } from './tensor.js';

/** Stacks broadcast, and are multiplied matrix by matrix, as by `numpy.matmul`. */
export function matmul(a: Array64, b: Array64, options: MatmulOptions<Array64> = {}): Array64 {
  if (a.shape.length <= 2 && b.shape.length <= 2) return ofMatrices(a, b, options);
  const [aStack, bStack] = [a, b].map(({ shape }) => array64(shape.slice(0, -2)));
  const stack = broadcastShapes('matmul', aStack!, bStack!);
  const matrices = (x: Array64): Array64[] => {
    const matrix = x.shape.slice(-2);
    const { data } = broadcastTo(x, [...stack, ...matrix]);
    const size = sizeOf(matrix);
    return Array.from({ length: sizeOf(stack) }, (_, s) => array64(matrix, data.slice(s * size, (s + 1) * size)));
  };
  const right = matrices(b);
  const products = matrices(a).map((left, s) => ofMatrices(left, right[s]!, options));
  return array64([...stack, ...products[0]!.shape], Float64Array.from(products.flatMap(({ data }) => [...data])));
}

/** y[m, n] = activation(Σ_k a[m, k] · b[k, n] + bias[n]), each operand transposed first where asked for. */
function ofMatrices(a: Array64, b: Array64, options: MatmulOptions<Array64>): Array64 {
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
