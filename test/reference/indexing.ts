/**
 * @file Largest values and entries by index, by loops over indices.
 */
import type { ReduceOptions } from '../../src/kernels/options.js';
import { type Array64, array64, indexAt, map64, positionAt, shapeError, sizeOf, stridesOf } from './tensor.js';

/** The largest value over the axes. */
export function max(x: Array64, options: ReduceOptions = {}): Array64 {
  return largest(x, options).values;
}

/** Its index over the axes in row-major order, the first of equal ones. */
export function argmax(x: Array64, options: ReduceOptions = {}): Array64 {
  return largest(x, options).indices;
}

function largest(x: Array64, { axes, keepDims = false }: ReduceOptions): Record<'values' | 'indices', Array64> {
  const reduced = new Set(axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)) ?? x.shape.keys());
  const kept = x.shape.map((length, axis) => (reduced.has(axis) ? 1 : length));
  const outer = stridesOf(kept).map((stride, axis) => (reduced.has(axis) ? 0 : stride));
  const lengths = x.shape.map((length, axis) => (reduced.has(axis) ? length : 1));
  const inner = stridesOf(lengths).map((stride, axis) => (reduced.has(axis) ? stride : 0));
  const values = map64(array64(kept), () => -Infinity);
  const indices = array64(kept);
  // Positions grow with the index over the reduced axes, so that the first of equal values stays.
  for (let position = 0; position < x.data.length; position++) {
    const index = indexAt(position, x.shape);
    const at = positionAt(index, outer);
    if (x.data[position]! <= values.data[at]!) continue;
    values.data[at] = x.data[position]!;
    indices.data[at] = positionAt(index, inner);
  }
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !reduced.has(axis));
  return { values: array64(shape, values.data), indices: array64(shape, indices.data) };
}

/** x's entries of an axis by index, as `numpy.take`. */
export function gather(x: Array64, indices: Array64, axis = 0): Array64 {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const [before, behind] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const output = array64([...before, ...indices.shape, ...behind]);
  const [size, strides] = [sizeOf(indices.shape), stridesOf(x.shape)];
  const flat = [...before, size, ...behind];
  for (let position = 0; position < output.data.length; position++) {
    const index = indexAt(position, flat);
    output.data[position] = x.data[positionAt(index.with(at, indices.data[index[at]!]!), strides)]!;
  }
  return output;
}

/** Rows of a table by index. */
export function embedding(table: Array64, indices: Array64): Array64 {
  if (table.shape.length !== 2) throw shapeError('embedding', { table }, 'table [entries, width]');
  return gather(table, indices);
}
