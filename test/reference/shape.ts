/**
 * @file Operations that move values and compute none.
 */
import {
  type Array64,
  array64,
  describe,
  indexAt,
  positionAt,
  sameShape,
  shapeError,
  sizeOf,
  stridesOf,
} from './tensor.js';

/**
 * NumPy's rule: shapes are aligned at their last axes, a missing axis counts as length 1, and two lengths agree where
 * they are equal or one of them is 1. https://numpy.org/doc/stable/user/basics.broadcasting.html
 */
export function broadcastShapes(op: string, a: Array64, b: Array64): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [left, right] = [padded(a.shape, rank), padded(b.shape, rank)];
  return left.map((length, axis) => {
    const other = right[axis]!;
    if (length !== other && length !== 1 && other !== 1)
      throw shapeError(op, { a, b }, 'shapes whose lengths, aligned at the last axis, are equal or 1');
    return length === 1 ? other : length;
  });
}

/** Repeats x along new leading axes and along its axes of length 1. */
export function broadcastTo(x: Array64, shape: readonly number[]): Array64 {
  const from = padded(x.shape, shape.length);
  if (x.shape.length > shape.length || from.some((length, axis) => length !== 1 && length !== shape[axis]))
    throw shapeError('broadcastTo', { x }, `what repeats to ${describe(shape)}`);
  // A stride of zero stays on the one value that an axis of length 1 has.
  const strides = stridesOf(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride));
  const output = array64(shape);
  for (let position = 0; position < output.data.length; position++)
    output.data[position] = x.data[positionAt(indexAt(position, shape), strides)]!;
  return output;
}

/** The same values in the same order under another shape. */
export function reshape(x: Array64, shape: readonly number[]): Array64 {
  if (sizeOf(shape) !== x.data.length)
    throw shapeError('reshape', { x }, `${describe(shape)}'s count of values, ${sizeOf(shape)}`);
  return array64(shape, x.data);
}

/** Output axis i is input axis permutation[i]; the axes are reversed where no permutation is given. As `numpy.transpose`. */
export function transpose(x: Array64, permutation?: readonly number[]): Array64 {
  const axes = permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const sorted = axes.toSorted((a, b) => a - b);
  if (axes.length !== x.shape.length || sorted.some((axis, i) => axis !== i))
    throw shapeError('transpose', { x }, `a permutation of its ${x.shape.length} axes, not ${describe(axes)}`);
  const inputStrides = stridesOf(x.shape);
  const strides = axes.map((axis) => inputStrides[axis]!);
  const output = array64(axes.map((axis) => x.shape[axis]!));
  for (let position = 0; position < output.data.length; position++)
    output.data[position] = x.data[positionAt(indexAt(position, output.shape), strides)]!;
  return output;
}

/** Joins b behind a along an axis, as `numpy.concatenate`. */
export function concat(a: Array64, b: Array64, axis = 0): Array64 {
  const at = axis < 0 ? axis + a.shape.length : axis;
  const [left, right] = [a.shape[at], b.shape[at]];
  if (left === undefined || right === undefined || !sameShape(a.shape.with(at, 0), b.shape.with(at, 0)))
    throw shapeError('concat', { a, b }, `shapes that differ in axis ${axis} only`);
  const shape = a.shape.with(at, left + right);
  const [strides, stridesOfA, stridesOfB] = [shape, a.shape, b.shape].map(stridesOf);
  const output = array64(shape);
  for (let position = 0; position < output.data.length; position++) {
    const index = indexAt(position, shape);
    const place = index[at]!;
    output.data[positionAt(index, strides!)] =
      place < left
        ? a.data[positionAt(index, stridesOfA!)]!
        : b.data[positionAt(index.with(at, place - left), stridesOfB!)]!;
  }
  return output;
}

/** x[..., first : first + count, ...] on an axis. */
export function slice(x: Array64, first: number, count: number, axis = 0): Array64 {
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (first < 0 || count < 1 || first + count > (x.shape[at] ?? 0))
    throw shapeError('slice', { x }, `a range of axis ${axis}, not ${count} from ${first}`);
  const strides = stridesOf(x.shape);
  const output = array64(x.shape.with(at, count));
  for (let position = 0; position < output.data.length; position++) {
    const index = indexAt(position, output.shape);
    output.data[position] = x.data[positionAt(index.with(at, index[at]! + first), strides)]!;
  }
  return output;
}

function padded(shape: readonly number[], rank: number): number[] {
  return [...Array.from({ length: Math.max(rank - shape.length, 0) }, () => 1), ...shape];
}
