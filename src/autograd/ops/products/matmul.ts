/**
 * @file Matrix products, of single matrices with bias and activation fused into the kernel, or of stacks of matrices. The
 * derivatives of a product are products.
 */
import { broadcastShapes } from '../../../kernels/elementwise.js';
import { matmulBatched } from '../../../kernels/gemm/batched.js';
import { matmul as matmulKernel, matmulTransposed } from '../../../kernels/gemm/matmul.js';
import type { Epilogue, MatmulOptions } from '../../../kernels/options.js';
import { sizeOf } from '../../../kernels/shape/strides.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { checkBias, epilogue, withEpilogue } from './epilogue.js';
import { broadcastTo, reshape, sumTo } from '../reduce.js';
import { transpose } from '../shape.js';

/** Lengths of a product of matrices, and the leading axes of each stack. */
interface Lengths {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly aStack: readonly number[];
  readonly bStack: readonly number[];
}

type Transposes = Readonly<Record<'transposeA' | 'transposeB', boolean>>;

/**
 * activation(a × b + bias), each operand transposed on request. Axes before the last two are a stack of matrices; the
 * stacks broadcast by NumPy's rule.
 *
 * @param a [..., rows, inner], or [..., inner, rows] with `transposeA`
 * @param b [..., inner, columns], or [..., columns, inner] with `transposeB`
 * @returns [..., rows, columns]
 * @throws Error naming both shapes if the inner lengths differ or the stacks do not broadcast
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions<Tensor> = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const lengths = lengthsOf(a, b, { transposeA, transposeB });
  const { inner, columns, aStack, bStack } = lengths;
  checkBias('matmul', options.bias, columns);
  if (aStack.length + bStack.length === 0) return ofMatrices(a, b, lengths, options);
  if (sizeOf(bStack) === 1 && !transposeA) {
    const flat = matmul(reshape(a, [a.size / inner, inner]), reshape(b, b.shape.slice(-2)), options);
    return reshape(flat, [...broadcastShapes(aStack, bStack, 'matmul'), lengths.rows, columns]);
  }
  return epilogue(ofStacks(a, b, lengths, { transposeA, transposeB }), options);
}

function lengthsOf(a: Tensor, b: Tensor, { transposeA, transposeB }: Transposes): Lengths {
  const lastTwo = ({ shape }: Tensor, isTransposed: boolean): (number | undefined)[] => {
    return isTransposed ? [shape.at(-1), shape.at(-2)] : [shape.at(-2), shape.at(-1)];
  };
  const [rows, inner] = lastTwo(a, transposeA);
  const [bInner, columns] = lastTwo(b, transposeB);
  if (rows === undefined || inner === undefined || columns === undefined || inner !== bInner) {
    const turned = (on: boolean): string => (on ? ' transposed' : '');
    throw new Error(
      `matmul: got a [${a.shape.join(', ')}]${turned(transposeA)} and b [${b.shape.join(', ')}]${turned(transposeB)}; ` +
        `it takes [..., rows, inner] and [..., inner, columns]`,
    );
  }
  return { rows, inner, columns, aStack: a.shape.slice(0, -2), bStack: b.shape.slice(0, -2) };
}

function ofMatrices(a: Tensor, b: Tensor, lengths: Lengths, options: MatmulOptions<Tensor>): Tensor {
  const { transposeA = false, transposeB = false, bias, activation = 'none' } = options;
  if (transposeA && transposeB) return epilogue(transpose(matmul(b, a)), options);
  if (transposeA && (bias !== undefined || activation !== 'none')) {
    return epilogue(matmul(a, b, { transposeA }), options);
  }
  const { device, tuner } = a.engine;
  const { rows, inner, columns } = lengths;
  const shape = { rows, inner, columns };
  const product = {
    op: 'matmul',
    factors: [a, b],
    shape: [rows, columns],
    run: (fused: Epilogue) => {
      return transposeA
        ? matmulTransposed(device, tuner, { a: a.buffer, b: b.buffer, shape })
        : matmulKernel(device, tuner, { a: a.buffer, b: b.buffer, shape, transposeB, ...fused });
    },
    vjp: (g: Tensor, wanted: readonly boolean[]) => productGradients(g, [a, b], { transposeA, transposeB }, wanted),
  } as const;
  return withEpilogue(product, options);
}

function ofStacks(a: Tensor, b: Tensor, lengths: Lengths, transposes: Transposes): Tensor {
  const { rows, inner, columns, aStack, bStack } = lengths;
  const stack = broadcastShapes(aStack, bStack, 'matmul');
  const { device } = a.engine;
  const y = matmulBatched(device, {
    a: spread(a, aStack, stack).buffer,
    b: spread(b, bStack, stack).buffer,
    batch: sizeOf(stack),
    aRepeats: sizeOf(aStack) === 1,
    bRepeats: sizeOf(bStack) === 1,
    rows,
    inner,
    columns,
    ...transposes,
  });
  return taped(a.engine.wrap(y, [...stack, rows, columns]), 'matmul', [a, b], (g, wanted) => {
    return productGradients(g, [a, b], transposes, wanted);
  });
}

/** A stack with one matrix for each of the result's, as a constant; a single matrix stays as it is. */
function spread(x: Tensor, own: readonly number[], stack: readonly number[]): Tensor {
  if (sizeOf(own) === 1) return x;
  return x.engine.noGrad(() => broadcastTo(x, [...stack, ...x.shape.slice(-2)]));
}

function productGradients(
  g: Tensor,
  [a, b]: readonly [Tensor, Tensor],
  { transposeA, transposeB }: Transposes,
  [wantsA, wantsB]: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const da = (): Tensor =>
    transposeA ? matmul(b, g, { transposeA: transposeB, transposeB: true }) : matmul(g, b, { transposeB: !transposeB });
  const db = (): Tensor =>
    transposeB ? matmul(g, a, { transposeA: true, transposeB: transposeA }) : matmul(a, g, { transposeA: !transposeA });
  return [wantsA === true ? sumTo(da(), a.shape) : undefined, wantsB === true ? sumTo(db(), b.shape) : undefined];
}
