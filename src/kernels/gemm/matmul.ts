/**
 * @file Computes matrix products, with bias and activation in the epilogue.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { binary } from '../elementwise.js';
import { partsFor, patchesProblem, weightGradientProblem, type GemmProblem } from './problem.js';
import type { Tuner } from './tuner.js';
import type { Epilogue, FusedActivation } from '../options.js';

/** rows × inner times inner × columns, after transposition. */
export interface MatmulShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Row length of `a` in memory, where rows are padded with zeros. Default: their own length. */
  readonly pitch?: number;
}

export interface MatmulOperands extends Epilogue {
  readonly a: DeviceBuffer;
  readonly b: DeviceBuffer;
  readonly shape: MatmulShape;
  readonly transposeB?: boolean;
}

/** A matrix as an image of one line: each row is a pixel, which a 1 × 1 window visits. */
function lineOf(pixels: number) {
  return {
    images: 1,
    sourceHeight: 1,
    sourceWidth: pixels,
    outputHeight: 1,
    outputWidth: pixels,
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    top: 0,
    left: 0,
  };
}

/** A × B, or A × transpose(B): `b` is [inner, columns], or [columns, inner] with `transposeB`. */
export function matmulProblem(
  shape: MatmulShape & { readonly transposeB: boolean },
  buffers: { a: DeviceBuffer; b: DeviceBuffer; bias?: DeviceBuffer | undefined; output: DeviceBuffer },
  activation: FusedActivation = 'none',
): GemmProblem {
  const line = {
    ...lineOf(shape.rows),
    depth: shape.pitch ?? shape.inner,
    weightRows: shape.inner,
    columns: shape.columns,
    transposed: false,
    weightsByColumn: shape.transposeB,
  };
  const { a, b, bias, output } = buffers;
  const name = `matmul ${shape.rows}×${shape.inner}×${shape.columns}${shape.transposeB ? ', B transposed' : ''}`;
  return patchesProblem('matmul', line, { source: a, weights: b, bias, output }, activation, name);
}

/** transpose(A) × B: `a` is [inner, rows], `b` is [inner, columns]. */
export function matmulTransposedProblem(
  shape: MatmulShape,
  buffers: { a: DeviceBuffer; b: DeviceBuffer; output: DeviceBuffer },
  mostParts = 1,
): GemmProblem {
  const line = {
    ...lineOf(shape.inner),
    channels: shape.pitch ?? shape.rows,
    rows: shape.rows,
    columns: shape.columns,
  };
  const name = `matmul ${shape.rows}×${shape.inner}×${shape.columns}, A transposed`;
  const { a, b, output } = buffers;
  return weightGradientProblem('matmul', line, { source: a, gradient: b, output }, mostParts, name);
}

/** activation(A × B + bias) as [rows, columns]; see {@link matmulProblem}. */
export function matmul(
  device: Device,
  tuner: Tuner,
  { a, b, shape, transposeB = false, bias, activation = 'none' }: MatmulOperands,
): DeviceBuffer {
  const { rows, inner, columns, pitch } = shape;
  if (inner === 1 && pitch === undefined && bias === undefined && activation === 'none') {
    // A column times a row: each product is an element, and there is nothing to sum. [columns, 1] lies as [1, columns].
    return binary(device, 'mul', a, [rows, 1], b, [1, columns]);
  }
  const output = device.allocate(rows * columns * 4, 'matmul');
  tuner.dispatch(matmulProblem({ ...shape, transposeB }, { a, b, bias, output }, activation));
  return output;
}

/** transpose(A) × B as [rows, columns]; see {@link matmulTransposedProblem}. */
export function matmulTransposed(
  device: Device,
  tuner: Tuner,
  { a, b, shape }: Pick<MatmulOperands, 'a' | 'b' | 'shape'>,
): DeviceBuffer {
  const { rows, inner, columns, pitch } = shape;
  if (columns === 1 && pitch === undefined) {
    // transpose(B) × A is the same numbers as one row, and reads A along its rows.
    return matmul(device, tuner, { a: b, b: a, shape: { rows: 1, inner, columns: rows } });
  }
  const output = device.allocate(rows * columns * 4, 'matmul');
  const parts = partsFor(device.workgroupsToFill, rows * columns, inner);
  tuner.dispatch(matmulTransposedProblem(shape, { a, b, output }, parts));
  return output;
}
