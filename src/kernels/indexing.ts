/**
 * @file Reads values by their indices and adds values up by indices. Indices are whole numbers in float32 arrays, exact to 2²⁴.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { foldedWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
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
  const { outer, rows, inner } = slabs;
  checkRows('pick', x, slabs);
  checkOperand('pick', 'index', index, [outer, inner]);
  return byIndex(device, 'pick', [x, index], { count: outer * inner, rows, inner });
}

/** The adjoint of {@link pick}: x [outer, inner] at its indices, zeros elsewhere: [outer, rows, inner]. */
export function place(
  device: Device,
  x: DeviceBuffer,
  index: DeviceBuffer,
  { outer, rows, inner }: Slabs,
): DeviceBuffer {
  for (const [name, buffer] of Object.entries({ x, index })) checkOperand('place', name, buffer, [outer, inner]);
  return byIndex(device, 'place', [x, index], { count: outer * rows * inner, rows, inner });
}

/** Slabs and the number of indices. */
export interface GatherShape extends Slabs {
  readonly entries: number;
}

/** x[o, index[k], i]: [outer, entries, inner]; NaN for an index that is not a whole number from 0 to rows − 1. */
export function gather(device: Device, x: DeviceBuffer, index: DeviceBuffer, shape: GatherShape): DeviceBuffer {
  const { outer, rows, inner, entries } = shape;
  checkRows('gather', x, shape);
  checkOperand('gather', 'index', index, [entries]);
  return byIndex(device, 'gather', [x, index], { count: outer * entries * inner, rows, entries, inner });
}

/** The adjoint of {@link gather}: sums x [outer, entries, inner] by index, in order: [outer, rows, inner]. */
export function scatterAdd(device: Device, x: DeviceBuffer, index: DeviceBuffer, shape: GatherShape): DeviceBuffer {
  const { outer, rows, inner, entries } = shape;
  checkOperand('scatterAdd', 'x', x, [outer, entries, inner]);
  checkOperand('scatterAdd', 'index', index, [entries]);
  return byIndex(device, 'scatterAdd', [x, index], { count: outer * rows * inner, rows, entries, inner });
}

/** @param params of the shader; `count` is the length of the result */
function byIndex(
  device: Device,
  op: 'pick' | 'place' | 'gather' | 'scatterAdd',
  inputs: readonly DeviceBuffer[],
  params: Readonly<Record<string, number>> & { readonly count: number },
): DeviceBuffer {
  const kernel = { name: op, files: ['common/linear.wgsl', 'common/nan.wgsl', `indexing/${op}.wgsl`] };
  const { count } = params;
  return compute(device, { kernel, inputs, values: count, params, workgroups: device.linearWorkgroups(count) });
}

function checkRows(op: string, x: DeviceBuffer, { outer, rows, inner }: Slabs): void {
  checkOperand(op, 'x', x, [outer, rows, inner]);
  if (rows > MOST_INDEXED)
    throw new Error(`${op}: got ${rows} rows; it takes at most 2^24, which float32 indices count`);
}
