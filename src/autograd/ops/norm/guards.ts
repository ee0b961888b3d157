/**
 * @file Operations that keep other operations' special cases from hiding a fault, or from making one. The identity at
 * every other value, and differentiated as such. For this folder; no part of the public operations.
 */
import { unary } from '../../../kernels/elementwise.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { isNotZero, mul } from '../elementwise.js';

/** x, or NaN where x is infinite: of a variance that overflowed, by which a division would give 0. */
export function infinityToNan(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'infinityToNan', buffer, size), shape);
  return taped(y, 'infinityToNan', [x], (g) => [g]);
}

/** x, or 1 where x is 0, which is then a constant. */
export function zeroToOne(x: Tensor): Tensor {
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'zeroToOne', buffer, size), shape);
  return taped(y, 'zeroToOne', [x], (g) => [mul(g, isNotZero(x))]);
}
