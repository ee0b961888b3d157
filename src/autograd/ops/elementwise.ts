/**
 * @file Elementwise arithmetic, broadcasting by NumPy's rule.
 */
import { binary, broadcastShapes, unary, type BinaryOp, type UnaryOp } from '../../kernels/elementwise.js';
import { taped } from '../tape.js';
import type { Node, Tensor } from '../tensor.js';
import { addScalar, neg, scale, unaryOp } from './affine.js';
import { sumTo } from './reduce.js';

function binaryOp(op: BinaryOp, a: Tensor, b: Tensor, vjp: Node['vjp']): Tensor {
  const { device } = a.engine;
  const y = binary(device, op, a.buffer, a.shape, b.buffer, b.shape);
  return taped(a.engine.wrap(y, broadcastShapes(a.shape, b.shape, op)), op, [a, b], vjp);
}

/** a + b, broadcasting by NumPy's rule; b may be a number. */
export function add(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === 'number') return addScalar(a, b);
  return binaryOp('add', a, b, (g) => [sumTo(g, a.shape), sumTo(g, b.shape)]);
}

/** a − b, broadcasting; b may be a number. */
export function sub(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === 'number') return addScalar(a, -b);
  return binaryOp('sub', a, b, (g, [, wantsB]) => [
    sumTo(g, a.shape),
    wantsB === true ? sumTo(neg(g), b.shape) : undefined,
  ]);
}

/** a · b, broadcasting; b may be a number. */
export function mul(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === 'number') return scale(a, b);
  return binaryOp('mul', a, b, (g, [wantsA, wantsB]) => [
    wantsA === true ? sumTo(mul(g, b), a.shape) : undefined,
    wantsB === true ? sumTo(mul(g, a), b.shape) : undefined,
  ]);
}

/** a / b, broadcasting; a number b multiplies a by 1 / b. */
export function div(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b === 'number') return scale(a, 1 / b);
  return binaryOp('div', a, b, (g, [wantsA, wantsB]) => [
    wantsA === true ? sumTo(div(g, b), a.shape) : undefined,
    wantsB === true ? sumTo(neg(div(mul(g, a), square(b))), b.shape) : undefined,
  ]);
}

/** eˣ. */
export function exp(x: Tensor): Tensor {
  return unaryOp('exp', x, (g, y) => mul(g, y));
}

/** ln x. */
export function log(x: Tensor): Tensor {
  return unaryOp('log', x, (g) => div(g, x));
}

/** √x. Its derivative at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  return unaryOp('sqrt', x, (g, y) => scale(div(g, y), 0.5));
}

/** x². */
export function square(x: Tensor): Tensor {
  return unaryOp('square', x, (g) => scale(mul(g, x), 2));
}

/** 1 / x. */
export function reciprocal(x: Tensor): Tensor {
  return unaryOp('reciprocal', x, (g, y) => neg(mul(g, square(y))));
}

/** erf(x) = 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: Tensor): Tensor {
  return unaryOp('erf', x, (g) => scale(mul(g, exp(neg(square(x)))), 2 / Math.sqrt(Math.PI)));
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

/** Records an operation that is constant almost everywhere, with gradient zero: its output depends on x. */
function stepOp(op: UnaryOp, x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  return taped(engine.wrap(unary(engine.device, op, buffer, size), shape), op, [x], () => [undefined]);
}
