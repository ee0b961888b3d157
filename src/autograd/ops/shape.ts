/**
 * @file Moves values: permutes axes, concatenates, slices and fills.
 */
import * as shapes from '../../kernels/shape/shape.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import type { Engine } from '../engine.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';

/** Permutes the axes; reverses them if no permutation is given. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const order = permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const { engine } = x;
  const y = shapes.transpose(engine.device, x.buffer, x.shape, order);
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return taped(engine.wrap(y, shape), 'transpose', [x], (g) => [transpose(g, inverse)]);
}

/**
 * Concatenates a and b along an axis, the first if absent; a negative axis counts from the end.
 *
 * @param a [..., A, ...]
 * @param b [..., B, ...], all other axes as a's
 * @returns [..., A + B, ...]
 * @throws Error for an axis that a does not have, and for shapes that differ in another axis
 */
export function concat(a: Tensor, b: Tensor, axis = 0): Tensor {
  const at = axis < 0 ? axis + a.shape.length : axis;
  const [n, m] = [a.shape[at], b.shape[at]];
  if (n === undefined) throw axisError('concat', 'a', a, axis);
  const [rest, others] = [a, b].map(({ shape }) => shape.toSpliced(at, 1, 0).join());
  if (m === undefined || rest !== others) {
    const got = `got a [${a.shape.join(', ')}], b [${b.shape.join(', ')}] and axis ${axis}`;
    throw new Error(`concat: ${got}; it takes shapes that differ in that axis only`);
  }
  const { engine } = a;
  const rows = sizeOf(a.shape.slice(0, at));
  const y =
    rows === 1
      ? shapes.concat(engine.device, { a: a.buffer, aCount: a.size, b: b.buffer, bCount: b.size })
      : shapes.concatColumns(engine.device, {
          rows,
          a: a.buffer,
          aColumns: a.size / rows,
          b: b.buffer,
          bColumns: b.size / rows,
        });
  const joined = engine.wrap(y, a.shape.with(at, n + m));
  return taped(joined, 'concat', [a, b], (g, [wantsA, wantsB]) => [
    wantsA === true ? slice(g, 0, n, at) : undefined,
    wantsB === true ? slice(g, n, m, at) : undefined,
  ]);
}

/**
 * `count` entries of an axis from `first` on: [..., N, ...] → [..., count, ...]. The axis is the first if absent; a
 * negative one counts from the end.
 *
 * @throws Error for an axis that x does not have, and for a range outside of the axis
 */
export function slice(x: Tensor, first: number, count: number, axis = 0): Tensor {
  const { engine, shape } = x;
  const at = axis < 0 ? axis + shape.length : axis;
  const n = shape[at];
  if (n === undefined) throw axisError('slice', 'x', x, axis);
  if (![first, count].every(Number.isInteger) || first < 0 || count < 1 || first + count > n) {
    const got = `got x [${shape.join(', ')}], first ${first}, count ${count} and axis ${axis}`;
    throw new Error(`slice: ${got}; it takes a range within that axis`);
  }
  const inner = sizeOf(shape.slice(at + 1));
  const rows = x.size / n / inner;
  const y =
    rows === 1
      ? shapes.slice(engine.device, x.buffer, first * inner, count * inner)
      : shapes.sliceColumns(engine.device, x.buffer, {
          rows,
          columns: n * inner,
          first: first * inner,
          width: count * inner,
        });
  return taped(engine.wrap(y, shape.with(at, count)), 'slice', [x], (g) => {
    const zeros = (entries: number): Tensor => filled(engine, shape.with(at, entries), 0);
    const after = first + count < n ? concat(g, zeros(n - first - count), at) : g;
    return [first > 0 ? concat(zeros(first), after, at) : after];
  });
}

function axisError(op: string, name: string, { shape }: Tensor, axis: number): Error {
  const rank = shape.length;
  const takes = rank === 0 ? 'at least one axis' : `an axis from ${-rank} to ${rank - 1}`;
  return new Error(`${op}: got ${name} [${shape.join(', ')}] and axis ${axis}; it takes ${takes}`);
}

/** A constant of x's shape. */
export function fillLike(x: Tensor, value: number): Tensor {
  return filled(x.engine, x.shape, value);
}

function filled(engine: Engine, shape: readonly number[], value: number): Tensor {
  const size = sizeOf(shape);
  const buffer = engine.device.allocate(size * 4, 'constant');
  shapes.fill(engine.device, buffer, size, value);
  return engine.wrap(buffer, shape);
}
