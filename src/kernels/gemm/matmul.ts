/**
 * @file Matrix products, with bias and activation in the epilogue.
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
  /** Numbers of a row of `a` in memory, which is filled up with zeros; else as many as it has. */
  readonly pitch?: number;
}

/** A × B, or A × transpose(B): `b` is [inner, columns], or [columns, inner] with `transposeB`. */
export function matmulProblem(
  shape: MatmulShape & { readonly transposeB: boolean },
  buffers: { a: DeviceBuffer; b: DeviceBuffer; bias?: DeviceBuffer | undefined; output: DeviceBuffer },
  activation: FusedActivation = 'none',
): GemmProblem {
  const line = {
    images: 1,
    sourceHeight: 1,
    sourceWidth: shape.rows,
    depth: shape.pitch ?? shape.inner,
    weightRows: shape.inner,
    outputHeight: 1,
    outputWidth: shape.rows,
    columns: shape.columns,
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    top: 0,
    left: 0,
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
    images: 1,
    sourceHeight: 1,
    sourceWidth: shape.inner,
    channels: shape.pitch ?? shape.rows,
    rows: shape.rows,
    outputHeight: 1,
    outputWidth: shape.inner,
    columns: shape.columns,
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    top: 0,
    left: 0,
  };
  const name = `matmul ${shape.rows}×${shape.inner}×${shape.columns}, A transposed`;
  const { a, b, output } = buffers;
  return weightGradientProblem('matmul', line, { source: a, gradient: b, output }, mostParts, name);
}

/** activation(A × B + bias) as [rows, columns]; see {@link matmulProblem}. */
export function matmul(
  device: Device,
  tuner: Tuner,
  a: DeviceBuffer,
  b: DeviceBuffer,
  shape: MatmulShape,
  options: Epilogue & { readonly transposeB?: boolean } = {},
): DeviceBuffer {
  const { transposeB = false, bias, activation = 'none' } = options;
  const { rows, inner, columns, pitch } = shape;
  if (inner === 1 && pitch === undefined && bias === undefined && activation === 'none') {
    // A column times a row: each product is an element, and there is nothing to sum. [columns, 1] lies as [1, columns].
    return binary(device, 'mul', a, [rows, 1], b, [1, columns]);
  }
  const output = device.allocate(rows * columns * 4, 'matmul');
  const problem = matmulProblem({ ...shape, transposeB }, { a, b, bias, output }, activation);
  tuner.dispatch(problem);
  return output;
}

/** transpose(A) × B as [rows, columns]; see {@link matmulTransposedProblem}. */
export function matmulTransposed(
  device: Device,
  tuner: Tuner,
  a: DeviceBuffer,
  b: DeviceBuffer,
  shape: MatmulShape,
): DeviceBuffer {
  const { rows, inner, columns, pitch } = shape;
  if (columns === 1 && pitch === undefined) {
    // transpose(B) × A is the same numbers as one row, and reads A along its rows.
    return matmul(device, tuner, b, a, { rows: 1, inner, columns: rows });
  }
  const output = device.allocate(rows * columns * 4, 'matmul');
  const parts = partsFor(device.workgroupsToFill, rows * columns, inner);
  const problem = matmulTransposedProblem(shape, { a, b, output }, parts);
  tuner.dispatch(problem);
  return output;
}
