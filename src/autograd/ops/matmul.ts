/**
 * @file Matrix products, with bias and activation fused into the kernel. The derivatives of a product are products.
 */
import { matmul as matmulKernel, matmulTransposed } from '../../kernels/gemm/matmul.js';
import type { MatmulOptions } from '../../kernels/options.js';
import type { Tensor } from '../tensor.js';
import { checkBias, epilogue, withEpilogue } from './epilogue.js';
import { transpose } from './shape.js';

/**
 * activation(a × b + bias) for matrices, either transposed at will.
 *
 * @throws Error naming both shapes when the inner lengths differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions<Tensor> = {}): Tensor {
  const { transposeA = false, transposeB = false, bias, activation = 'none' } = options;
  const [aRows, aColumns, ...aRest] = transposeA ? [...a.shape].reverse() : a.shape;
  const [bRows, bColumns, ...bRest] = transposeB ? [...b.shape].reverse() : b.shape;
  if (
    aRows === undefined ||
    aColumns === undefined ||
    bColumns === undefined ||
    aColumns !== bRows ||
    aRest.length + bRest.length > 0
  ) {
    const turned = (on: boolean): string => (on ? ' transposed' : '');
    throw new Error(
      `matmul: got a [${a.shape.join(', ')}]${turned(transposeA)} and b [${b.shape.join(', ')}]${turned(transposeB)}; ` +
        `it takes [rows, inner] and [inner, columns]`,
    );
  }
  checkBias('matmul', bias, bColumns);
  if (transposeA && transposeB) return epilogue(transpose(matmul(b, a)), options);
  if (transposeA && (bias !== undefined || activation !== 'none')) {
    return epilogue(matmul(a, b, { transposeA }), options);
  }
  const { device, tuner } = a.engine;
  const shape = { rows: aRows, inner: aColumns, columns: bColumns };
  const product = transposeA
    ? matmulTransposed(device, tuner, a.buffer, b.buffer, shape)
    : matmulKernel(device, tuner, a.buffer, b.buffer, shape, { transposeB, bias: bias?.buffer, activation });
  return withEpilogue('matmul', product, [aRows, bColumns], [a, b], options, (g, [wantsA, wantsB]) => {
    const da = (): Tensor =>
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB });
    const db = (): Tensor =>
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA });
    return [wantsA === true ? da() : undefined, wantsB === true ? db() : undefined];
  });
}
