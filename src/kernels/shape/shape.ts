/**
 * @file Operations that move values and compute none.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { LINEAR_WORKGROUP, linearWorkgroups } from '../../gpu/commands.js';
import type { Device } from '../../gpu/device.js';
import { compute } from '../compute.js';
import {
  type Axis,
  broadcastStrides,
  checkOperand,
  collapse,
  describeShape,
  MAX_RANK,
  planWalk,
  sizeOf,
  stridesOf,
  wordWorkgroups,
} from './strides.js';

/** Rows and columns that a workgroup of transpose.wgsl covers: 8 × 8 blocks of 4 × 4. */
const TILE = 32;

/** Repeats x along new leading axes and along its axes of length 1. */
export function broadcastTo(
  device: Device,
  x: DeviceBuffer,
  from: readonly number[],
  to: readonly number[],
): DeviceBuffer {
  const op = 'broadcastTo';
  checkOperand(op, 'x', x, from);
  const missing = to.length - from.length;
  const whole = to.every((length) => Number.isInteger(length) && length >= 1);
  const fits = missing >= 0 && from.every((length, axis) => length === 1 || length === to[axis + missing]);
  if (!fits || !whole || to.length > MAX_RANK) {
    throw new Error(`${op}: got x ${describeShape(from)}; it takes what repeats to ${describeShape(to)}`);
  }
  return gather(device, op, x, collapse(to, [broadcastStrides(from, to)]));
}

/** Output axis i is input axis permutation[i]. */
export function transpose(
  device: Device,
  x: DeviceBuffer,
  shape: readonly number[],
  permutation: readonly number[],
): DeviceBuffer {
  const op = 'transpose';
  checkOperand(op, 'x', x, shape);
  const sorted = [...permutation].sort((a, b) => a - b);
  if (permutation.length !== shape.length || sorted.some((axis, position) => axis !== position)) {
    throw new Error(
      `${op}: got x ${describeShape(shape)}; ` +
        `it takes a permutation of its ${shape.length} axes, not ${describeShape(permutation)}`,
    );
  }
  const strides = stridesOf(shape);
  const axes = collapse(
    permutation.map((axis) => shape[axis]!),
    [permutation.map((axis) => strides[axis]!)],
  );
  return turn(device, op, x, axes) ?? gather(device, op, x, axes);
}

/** Copies the first `count` values into an existing buffer; what lies behind them there stays. */
export function copy(device: Device, source: DeviceBuffer, target: DeviceBuffer, count: number): void {
  checkOperand('copy', 'source', source, [count]);
  checkOperand('copy', 'target', target, [count]);
  if (source === target) return;
  device.dispatch({
    kernel: { name: 'copy', files: ['common/words.wgsl', 'shape/copy.wgsl'] },
    buffers: [source, target],
    params: { count },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

/** Sets the first `count` values of an existing buffer; what lies behind them stays. */
export function fill(device: Device, target: DeviceBuffer, count: number, value: number): void {
  checkOperand('fill', 'target', target, [count]);
  device.dispatch({
    kernel: { name: 'fill', files: ['common/words.wgsl', 'shape/fill.wgsl'] },
    buffers: [target],
    params: { count, value },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

export interface ConcatOptions {
  readonly a: DeviceBuffer;
  readonly aCount: number;
  readonly b: DeviceBuffer;
  readonly bCount: number;
}

/** The first `aCount` values of a, and behind them the first `bCount` of b. */
export function concat(device: Device, { a, aCount, b, bCount }: ConcatOptions): DeviceBuffer {
  const op = 'concat';
  checkOperand(op, 'a', a, [aCount]);
  checkOperand(op, 'b', b, [bCount]);
  const count = aCount + bCount;
  return compute(device, {
    kernel: { name: op, files: ['common/words.wgsl', 'shape/concat.wgsl'], constants: { WORDS: aCount % 4 === 0 } },
    inputs: [a, b],
    values: count,
    params: { split: aCount, count },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

/** `count` values of x from `first` on. */
export function slice(device: Device, x: DeviceBuffer, first: number, count: number): DeviceBuffer {
  const op = 'slice';
  if (!Number.isInteger(first) || first < 0) {
    throw new Error(`${op}: got first ${first}; it takes an integer of at least 0`);
  }
  checkOperand(op, 'count', x, [count]);
  checkOperand(op, 'x', x, [first + count]);
  return compute(device, {
    kernel: { name: op, files: ['common/words.wgsl', 'shape/slice.wgsl'], constants: { WORDS: first % 4 === 0 } },
    inputs: [x],
    values: count,
    params: { first, count },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

export interface ConcatColumnsOptions {
  readonly rows: number;
  readonly a: DeviceBuffer;
  readonly aColumns: number;
  readonly b: DeviceBuffer;
  readonly bColumns: number;
}

/** For each row of a [rows, aColumns] its values, and behind them those of b's row, [rows, bColumns]. */
export function concatColumns(device: Device, options: ConcatColumnsOptions): DeviceBuffer {
  const op = 'concatColumns';
  const { rows, a, aColumns, b, bColumns } = options;
  checkOperand(op, 'a', a, [rows, aColumns]);
  checkOperand(op, 'b', b, [rows, bColumns]);
  const count = rows * (aColumns + bColumns);
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/words.wgsl', 'shape/concatColumns.wgsl'],
      constants: { WORDS: aColumns % 4 === 0 && bColumns % 4 === 0 },
    },
    inputs: [a, b],
    values: count,
    params: { split: aColumns, columns: aColumns + bColumns, count },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

/** Columns `first` to `first + width` of [rows, columns]. */
export interface ColumnRange {
  readonly rows: number;
  readonly columns: number;
  readonly first: number;
  readonly width: number;
}

/** Of each row of x [rows, columns] `width` values from column `first` on. */
export function sliceColumns(
  device: Device,
  x: DeviceBuffer,
  { rows, columns, first, width }: ColumnRange,
): DeviceBuffer {
  const op = 'sliceColumns';
  checkOperand(op, 'x', x, [rows, columns]);
  if (![first, width].every(Number.isInteger) || first < 0 || width < 1 || first + width > columns) {
    throw new Error(`${op}: got first ${first} and width ${width}; it takes a range of ${columns} columns`);
  }
  const count = rows * width;
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/words.wgsl', 'shape/sliceColumns.wgsl'],
      constants: { WORDS: [first, width, columns].every((value) => value % 4 === 0) },
    },
    inputs: [x],
    values: count,
    params: { first, width, columns, count },
    workgroups: wordWorkgroups(device, Math.ceil(count / 4)),
  });
}

function gather(device: Device, op: string, x: DeviceBuffer, axes: readonly Axis[]): DeviceBuffer {
  const walk = planWalk(axes);
  const count = sizeOf(axes.map(({ length }) => length));
  const words = Math.ceil(count / 4);
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/words.wgsl', 'shape/gather.wgsl'],
      constants: { WORDS: walk.words, X_SPLAT: walk.splats[0] ?? false, RANK: walk.rank },
    },
    inputs: [x],
    values: count,
    params: { count, axes: walk.table },
    workgroups: wordWorkgroups(device, words),
  });
}

/**
 * By blocks of 4 × 4, where the last two axes change places, all lengths and strides are divisible by four, and a
 * quarter of the tiles is filled.
 */
function turn(device: Device, op: string, x: DeviceBuffer, axes: readonly Axis[]): DeviceBuffer | undefined {
  const [rows, columns] = axes.slice(-2);
  if (rows === undefined || columns === undefined || rows.strides[0] !== 1) return undefined;
  const before = axes.slice(0, -2);
  const stride = columns.strides[0]!;
  const outer = before.map((axis) => axis.strides[0]!);
  if ([rows.length, columns.length, stride, ...outer].some((value) => value % 4 !== 0)) return undefined;

  const tilesDown = Math.ceil(rows.length / TILE);
  const tilesAcross = Math.ceil(columns.length / TILE);
  const slices = sizeOf(before.map(({ length }) => length));
  const tiles = slices * tilesDown * tilesAcross;
  const count = slices * rows.length * columns.length;
  if (count * 4 < tiles * TILE * TILE) return undefined;
  const table = before.map(({ length, strides }) => [length, strides[0]! / 4, 0, 0]);
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/workgroups.wgsl', 'shape/transpose.wgsl'],
      constants: { LANES: LINEAR_WORKGROUP, OUTER: before.length },
    },
    inputs: [x],
    values: count,
    params: {
      rows: rows.length / 4,
      columns: columns.length / 4,
      stride: stride / 4,
      tilesDown,
      tilesAcross,
      count: tiles,
      axes: table.flat(),
    },
    workgroups: linearWorkgroups(tiles * LINEAR_WORKGROUP),
  });
}
