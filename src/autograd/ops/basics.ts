/**
 * @file Elementwise arithmetic, sums and changes of shape: the operations that all VJPs are written in.
 */
import { binary, broadcastShapes, unary, type BinaryOp, type UnaryOp } from '../../kernels/elementwise.js';
import type { ReduceOptions } from '../../kernels/options.js';
import { sum as sumKernel } from '../../kernels/reduce.js';
import * as shapes from '../../kernels/shape/shape.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import type { Engine } from '../engine.js';
import { taped } from '../grad.js';
import type { Node, Tensor } from '../tensor.js';

function unaryOp(op: UnaryOp, x: Tensor, vjp: (gradient: Tensor, y: Tensor) => Tensor, scalar = 0): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, op, buffer, size, scalar), shape);
  const output: Tensor = taped(y, op, [x], (gradient) => [vjp(gradient, output)]);
  return output;
}

function binaryOp(op: BinaryOp, a: Tensor, b: Tensor, vjp: Node['vjp']): Tensor {
  const { device } = a.engine;
  const y = binary(device, op, a.buffer, a.shape, b.buffer, b.shape);
  return taped(a.engine.wrap(y, broadcastShapes(a.shape, b.shape, op)), op, [a, b], vjp);
}

/** a + b, broadcasting by NumPy's rule. */
export function add(a: Tensor, b: Tensor): Tensor {
  return binaryOp('add', a, b, (g) => [sumTo(g, a.shape), sumTo(g, b.shape)]);
}

/** a − b, broadcasting. */
export function sub(a: Tensor, b: Tensor): Tensor {
  return binaryOp('sub', a, b, (g, [, wantsB]) => [
    sumTo(g, a.shape),
    wantsB === true ? sumTo(neg(g), b.shape) : undefined,
  ]);
}

/** a · b, broadcasting. */
export function mul(a: Tensor, b: Tensor): Tensor {
  return binaryOp('mul', a, b, (g, [wantsA, wantsB]) => [
    wantsA === true ? sumTo(mul(g, b), a.shape) : undefined,
    wantsB === true ? sumTo(mul(g, a), b.shape) : undefined,
  ]);
}

/** a / b, broadcasting. */
export function div(a: Tensor, b: Tensor): Tensor {
  return binaryOp('div', a, b, (g, [wantsA, wantsB]) => [
    wantsA === true ? sumTo(div(g, b), a.shape) : undefined,
    wantsB === true ? sumTo(neg(div(mul(g, a), square(b))), b.shape) : undefined,
  ]);
}

export function neg(x: Tensor): Tensor {
  return unaryOp('neg', x, (g) => neg(g));
}

export function exp(x: Tensor): Tensor {
  return unaryOp('exp', x, (g, y) => mul(g, y));
}

export function log(x: Tensor): Tensor {
  return unaryOp('log', x, (g) => div(g, x));
}

/** √x. Its derivative at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  return unaryOp('sqrt', x, (g, y) => scale(div(g, y), 0.5));
}

export function square(x: Tensor): Tensor {
  return unaryOp('square', x, (g) => scale(mul(g, x), 2));
}

export function reciprocal(x: Tensor): Tensor {
  return unaryOp('reciprocal', x, (g, y) => neg(mul(g, square(y))));
}

/** |x|, with derivative 0 at 0. */
export function abs(x: Tensor): Tensor {
  return unaryOp('abs', x, (g) => mul(g, sign(x)));
}

/** −1, 0 or 1; NaN of NaN. */
export function sign(x: Tensor): Tensor {
  return stepOp('sign', x);
}

/** 1 where x > 0, otherwise 0; NaN of NaN. */
export function isPositive(x: Tensor): Tensor {
  return stepOp('isPositive', x);
}

/** 1 where x ≤ 0, otherwise 0; NaN of NaN. */
export function isNotPositive(x: Tensor): Tensor {
  return stepOp('isNotPositive', x);
}

/** 1 where x ≠ 0, otherwise 0; NaN of NaN. */
export function isNotZero(x: Tensor): Tensor {
  return stepOp('isNotZero', x);
}

/** Constant almost everywhere: its gradient is zero. It is on the tape all the same, since its output depends on x. */
function stepOp(op: UnaryOp, x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  return taped(engine.wrap(unary(engine.device, op, buffer, size), shape), op, [x], () => [undefined]);
}

/** x + s for a number s. */
export function addScalar(x: Tensor, s: number): Tensor {
  return unaryOp('addScalar', x, (g) => g, s);
}

/** x · s for a number s. */
export function scale(x: Tensor, s: number): Tensor {
  return unaryOp('scale', x, (g) => scale(g, s), s);
}

/** Sum over `axes` (all of them where absent). */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options, 1);
}

/** Mean over `axes` (all of them where absent). */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = axesOf(x, options);
  return reduce('mean', x, options, 1 / sizeOf(axes.map((axis) => x.shape[axis] ?? 1)));
}

function axesOf(x: Tensor, { axes }: ReduceOptions): number[] {
  return axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)) ?? x.shape.map((_, axis) => axis);
}

function reduce(op: string, x: Tensor, options: ReduceOptions, factor: number): Tensor {
  const { engine, shape } = x;
  const axes = axesOf(x, options);
  const reduced = sumKernel(engine.device, x.buffer, shape, axes, factor);
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const result = options.keepDims === true ? kept : shape.filter((_, axis) => !axes.includes(axis));
  return taped(engine.wrap(reduced, result), op, [x], (g) => {
    const spread = broadcastTo(reshape(g, kept), shape);
    return [factor === 1 ? spread : scale(spread, factor)];
  });
}

/** Repeats x along new and unit axes, by NumPy's rule. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  const { engine } = x;
  const y = shapes.broadcastTo(engine.device, x.buffer, x.shape, shape);
  return taped(engine.wrap(y, shape), 'broadcastTo', [x], (g) => [sumTo(g, x.shape)]);
}

/** The adjoint of broadcasting: sums over the axes along which `shape` was repeated. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    return axis < added || (shape[axis - added] === 1 && length !== 1) ? [axis] : [];
  });
  return reshape(axes.length === 0 ? x : sum(x, { axes }), shape);
}

/** The same values in another shape of the same size. No copy is made. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  if (sizeOf(shape) !== x.size) throw new Error(`reshape: got ${x.toString()}; [${shape.join(', ')}] has another size`);
  return taped(x.engine.wrap(x.buffer, shape), 'reshape', [x], (g) => [reshape(g, x.shape)]);
}

/** Permutes the axes; reverses them where no permutation is given. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const order = permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const { engine } = x;
  const y = shapes.transpose(engine.device, x.buffer, x.shape, order);
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return taped(engine.wrap(y, shape), 'transpose', [x], (g) => [transpose(g, inverse)]);
}

/**
 * a and behind it b along the first axis.
 *
 * @param a [N, ...]
 * @param b [M, ...], the other axes as a's
 * @returns [N + M, ...]
 */
export function concat(a: Tensor, b: Tensor): Tensor {
  const [n, ...rest] = a.shape;
  const [m, ...others] = b.shape;
  if (n === undefined || m === undefined || rest.join() !== others.join()) {
    const got = `got a [${a.shape.join(', ')}] and b [${b.shape.join(', ')}]`;
    throw new Error(`concat: ${got}; it takes shapes that differ in their first axis only`);
  }
  const { engine } = a;
  const y = shapes.concat(engine.device, a.buffer, a.size, b.buffer, b.size);
  return taped(engine.wrap(y, [n + m, ...rest]), 'concat', [a, b], (g, [wantsA, wantsB]) => [
    wantsA === true ? slice(g, 0, n) : undefined,
    wantsB === true ? slice(g, n, m) : undefined,
  ]);
}

/** `count` entries of the first axis, from `first` on: [N, ...] → [count, ...]. */
export function slice(x: Tensor, first: number, count: number): Tensor {
  const { engine, shape } = x;
  const [n = 0, ...rest] = shape;
  if (![first, count].every(Number.isInteger) || first < 0 || count < 1 || first + count > n) {
    throw new Error(
      `slice: got x [${shape.join(', ')}], first ${first} and count ${count}; it takes a range of the first axis`,
    );
  }
  const size = sizeOf(rest);
  const y = shapes.slice(engine.device, x.buffer, first * size, count * size);
  return taped(engine.wrap(y, [count, ...rest]), 'slice', [x], (g) => {
    const zeros = (entries: number): Tensor => filled(engine, [entries, ...rest], 0);
    const after = first + count < n ? concat(g, zeros(n - first - count)) : g;
    return [first > 0 ? concat(zeros(first), after) : after];
  });
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
