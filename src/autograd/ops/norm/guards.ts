/**
 * @file Replaces single special values, so that a division by them neither hides an overflow nor gives NaN. Each operation
 * is the identity at all other values, and so is its derivative. Internal to this folder.
 */
import { unary } from '../../../kernels/elementwise.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { isNotZero, mul } from '../elementwise.js';

/** x, or NaN where x is infinite. A variance that overflowed then gives NaN instead of 0 in the quotient. */
export function infinityToNan(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'infinityToNan', buffer, size), shape);
  return taped(y, 'infinityToNan', [x], (g) => [g]);
}

/** x, or the constant 1 where x is 0. */
export function zeroToOne(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'zeroToOne', buffer, size), shape);
  return taped(y, 'zeroToOne', [x], (g) => [mul(g, isNotZero(x))]);
}
