/**
 * @file Products of stacks of matrices.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { foldedWorkgroups } from '../../gpu/commands.js';
import type { Device } from '../../gpu/device.js';
import { compute } from '../compute.js';
import { checkOperand } from '../shape/strides.js';

/** Rows and columns of y that a workgroup of gemm/batched.wgsl owns. */
const TILE = 16;

export interface BatchedMatmulOptions {
  readonly a: DeviceBuffer;
  readonly b: DeviceBuffer;
  /** Matrices of the result. */
  readonly batch: number;
  /** `a` is one matrix, which serves the whole batch. */
  readonly aRepeats: boolean;
  readonly bRepeats: boolean;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** a[s] × b[s] for each s: [batch, rows, columns]. */
export function matmulBatched(device: Device, options: BatchedMatmulOptions): DeviceBuffer {
  const op = 'matmulBatched';
  const { a, b, batch, aRepeats, bRepeats, rows, inner, columns, transposeA, transposeB } = options;
  checkOperand(op, 'a', a, [aRepeats ? 1 : batch, rows, inner]);
  checkOperand(op, 'b', b, [bRepeats ? 1 : batch, inner, columns]);
  const [tilesAcross, tilesDown] = [Math.ceil(columns / TILE), Math.ceil(rows / TILE)];
  const tiles = batch * tilesAcross * tilesDown;
  return compute(device, {
    kernel: {
      name: op,
      files: ['gemm/batched.wgsl'],
      constants: { TRANSPOSE_A: transposeA, TRANSPOSE_B: transposeB },
    },
    inputs: [a, b],
    values: batch * rows * columns,
    params: {
      rows,
      inner,
      columns,
      tilesAcross,
      tilesDown,
      tiles,
      aStride: aRepeats ? 0 : rows * inner,
      bStride: bRepeats ? 0 : inner * columns,
    },
    workgroups: foldedWorkgroups(tiles),
  });
}
