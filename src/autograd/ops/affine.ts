/**
 * @file Multiplies by a number and adds a number. Their VJPs need no other operation.
 */
import { unary, type UnaryOp } from '../../kernels/elementwise.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';

/** Applies a unary kernel and records it; the VJP gets the gradient and the output. */
export function unaryOp(op: UnaryOp, x: Tensor, vjp: (gradient: Tensor, y: Tensor) => Tensor, scalar = 0): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, op, buffer, size, scalar), shape);
  const output: Tensor = taped(y, op, [x], (gradient) => [vjp(gradient, output)]);
  return output;
}

/** −x. */
export function neg(x: Tensor): Tensor {
  return unaryOp('neg', x, (g) => neg(g));
}

/** x + s for a number s. */
export function addScalar(x: Tensor, s: number): Tensor {
  return unaryOp('addScalar', x, (g) => g, s);
}

/** x · s for a number s. */
export function scale(x: Tensor, s: number): Tensor {
  return unaryOp('scale', x, (g) => scale(g, s), s);
}
