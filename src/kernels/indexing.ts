/**
 * @file Reads values by their indices and adds values up by indices. Indices are whole numbers in float32 arrays, exact to 2²⁴.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { foldedWorkgroups, linearWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { checkOperand } from './shape/strides.js';

/** An array as [outer, rows, inner]: its rows are indexed. */
export interface Slabs {
  readonly outer: number;
  readonly rows: number;
  readonly inner: number;
}

/** Whole numbers up to this are exact in float32. */
const MOST_INDEXED = 2 ** 24;

const LANES = 64;

/** The largest value over the rows and its index, [outer, inner] each. Of equal values the first wins; a NaN wins over all. */
export function argmax(
  device: Device,
  x: DeviceBuffer,
  slabs: Slabs,
): Readonly<Record<'values' | 'indices', DeviceBuffer>> {
  const op = 'argmax';
  const { outer, rows, inner } = slabs;
  checkRows(op, x, slabs);
  const outputs = outer * inner;
  const values = device.allocate(outputs * 4, 'max');
  const indices = device.allocate(outputs * 4, op);
  device.dispatch({
    kernel: { name: op, files: ['common/workgroups.wgsl', 'indexing/argmax.wgsl'], constants: { LANES } },
    buffers: [x, values, indices],
    params: { count: outputs, rows, inner },
    workgroups: foldedWorkgroups(outputs),
  });
  return { values, indices };
}

/** x[o, index[o, i], i]: [outer, inner]. The indices must be whole and below `rows`, as {@link argmax} returns them. */
export function pick(device: Device, x: DeviceBuffer, index: DeviceBuffer, slabs: Slabs): DeviceBuffer {
  const op = 'pick';
  const { outer, rows, inner } = slabs;
  checkRows(op, x, slabs);
  checkOperand(op, 'index', index, [outer, inner]);
  const count = outer * inner;
  const y = device.allocate(count * 4, op);
  device.dispatch({
    kernel: { name: op, files: ['common/linear.wgsl', 'indexing/pick.wgsl'] },
    buffers: [x, index, y],
    params: { count, rows, inner },
    workgroups: linearWorkgroups(count),
  });
  return y;
}

/** The adjoint of {@link pick}: x [outer, inner] at its indices, zeros elsewhere: [outer, rows, inner]. */
export function place(device: Device, x: DeviceBuffer, index: DeviceBuffer, slabs: Slabs): DeviceBuffer {
  const op = 'place';
  const { outer, rows, inner } = slabs;
  checkOperand(op, 'x', x, [outer, inner]);
  checkOperand(op, 'index', index, [outer, inner]);
  const count = outer * rows * inner;
  const y = device.allocate(count * 4, op);
  device.dispatch({
    kernel: { name: op, files: ['common/linear.wgsl', 'indexing/place.wgsl'] },
    buffers: [x, index, y],
    params: { count, rows, inner },
    workgroups: linearWorkgroups(count),
  });
  return y;
}

/** x[o, index[k], i]: [outer, entries, inner]; NaN for an index that is not a whole number from 0 to rows − 1. */
export function gather(
  device: Device,
  x: DeviceBuffer,
  index: DeviceBuffer,
  entries: number,
  slabs: Slabs,
): DeviceBuffer {
  const op = 'gather';
  const { outer, rows, inner } = slabs;
  checkRows(op, x, slabs);
  return byIndex(device, op, { x, index, count: outer * entries * inner, rows, entries, inner });
}

/** The adjoint of {@link gather}: sums x [outer, entries, inner] by index, in order: [outer, rows, inner]. */
export function scatterAdd(
  device: Device,
  x: DeviceBuffer,
  index: DeviceBuffer,
  entries: number,
  slabs: Slabs,
): DeviceBuffer {
  const op = 'scatterAdd';
  const { outer, rows, inner } = slabs;
  checkOperand(op, 'x', x, [outer, entries, inner]);
  return byIndex(device, op, { x, index, count: outer * rows * inner, rows, entries, inner });
}

interface IndexedOptions {
  readonly x: DeviceBuffer;
  readonly index: DeviceBuffer;
  /** Values of the result. */
  readonly count: number;
  readonly rows: number;
  readonly entries: number;
  readonly inner: number;
}

function byIndex(device: Device, op: 'gather' | 'scatterAdd', options: IndexedOptions): DeviceBuffer {
  const { x, index, count, rows, entries, inner } = options;
  checkOperand(op, 'index', index, [entries]);
  const y = device.allocate(count * 4, op);
  device.dispatch({
    kernel: { name: op, files: ['common/linear.wgsl', `indexing/${op}.wgsl`] },
    buffers: [x, index, y],
    params: { count, rows, entries, inner },
    workgroups: linearWorkgroups(count),
  });
  return y;
}

function checkRows(op: string, x: DeviceBuffer, { outer, rows, inner }: Slabs): void {
  checkOperand(op, 'x', x, [outer, rows, inner]);
  if (rows > MOST_INDEXED)
    throw new Error(`${op}: got ${rows} rows; it takes at most 2^24, which float32 indices count`);
}
