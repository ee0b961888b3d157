/**
 * @file Powers.
 */
import { binary, broadcastShapes } from '../../kernels/elementwise.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { addScalar, scale, unaryOp } from './affine.js';
import { add, isNotZero, log, mul } from './elementwise.js';
import { zeroToOne } from './norm/guards.js';
import { sumTo } from './reduce.js';
import { where } from './select.js';
import { fillLike } from './shape.js';

/**
 * xⁿ, broadcasting. Whole exponents up to 127 are exact to a few roundings. A negative x takes whole exponents only and
 * gives NaN otherwise. Where x is 0, the derivative by n is 0 for n ≥ 0 and NaN for n < 0; where x is negative, it is NaN.
 *
 * @param exponent a number or a tensor
 */
export function pow(x: Tensor, exponent: Tensor | number): Tensor {
  if (typeof exponent === 'number') {
    return unaryOp(
      'pow',
      x,
      (g) => (exponent === 0 ? fillLike(g, 0) : mul(g, scale(pow(x, exponent - 1), exponent))),
      exponent,
    );
  }
  const { engine } = x;
  const y = binary(engine.device, 'pow', x.buffer, x.shape, exponent.buffer, exponent.shape);
  const shape = broadcastShapes(x.shape, exponent.shape, 'pow');
  const output: Tensor = taped(engine.wrap(y, shape), 'pow', [x, exponent], (g, [wantsX, wantsExponent]) => [
    wantsX === true ? sumTo(mul(g, mul(exponent, pow(x, lowered(x, exponent)))), x.shape) : undefined,
    wantsExponent === true ? sumTo(mul(mul(g, output), log(zeroToOne(x))), exponent.shape) : undefined,
  ]);
  return output;
}

/** n − 1, or 0 where x and n are 0: there n xⁿ⁻¹ would be 0 · ∞. */
function lowered(x: Tensor, exponent: Tensor): Tensor {
  const isRegular = add(isNotZero(x.detach()), isNotZero(exponent.detach()));
  const less = addScalar(exponent, -1);
  return where(isRegular, less, fillLike(less.detach(), 0));
}
