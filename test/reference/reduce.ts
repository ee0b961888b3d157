/**
 * @file Sums and means over any set of axes.
 */
import type { ReduceOptions } from '../../src/kernels/options.js';
import { scale } from './elementwise.js';
import { type Array64, array64, describe, indexAt, positionAt, shapeError, stridesOf } from './tensor.js';

export function sum(x: Array64, options: ReduceOptions = {}): Array64 {
  return sumOver('sum', x, options);
}

/** The sum over the axes by how many values went into each. */
export function mean(x: Array64, options: ReduceOptions = {}): Array64 {
  const total = sumOver('mean', x, options);
  return scale(total, total.data.length / x.data.length);
}

function sumOver(op: string, x: Array64, { axes, keepDims = false }: ReduceOptions): Array64 {
  const rank = x.shape.length;
  const reduced = new Set(axes?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? x.shape.keys());
  if (axes && (reduced.size !== axes.length || ![...reduced].every((axis) => axis in x.shape)))
    throw shapeError(op, { x }, `distinct axes from ${-rank} to ${rank - 1}, not ${describe(axes)}`);

  const kept = x.shape.map((length, axis) => (reduced.has(axis) ? 1 : length));
  // A stride of zero lets every value along a reduced axis fall on one sum.
  const strides = stridesOf(kept).map((stride, axis) => (reduced.has(axis) ? 0 : stride));
  const output = array64(kept);
  for (let position = 0; position < x.data.length; position++)
    output.data[positionAt(indexAt(position, x.shape), strides)]! += x.data[position]!;
  return keepDims
    ? output
    : array64(
        x.shape.filter((_, axis) => !reduced.has(axis)),
        output.data,
      );
}
