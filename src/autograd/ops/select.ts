/**
 * @file Bounds values, and chooses between values.
 */
import { broadcastShapes, unary, where as whereKernel } from '../../kernels/elementwise.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { mul } from './elementwise.js';
import { broadcastTo } from './reduce.js';
import { fillLike } from './shape.js';

/**
 * min(max(x, low), high). The gradient passes where low ≤ x ≤ high, and is 0 elsewhere. A NaN stays NaN.
 *
 * @throws Error for bounds that are NaN or in the wrong order
 */
export function clip(x: Tensor, low: number, high: number): Tensor {
  if (!(low <= high)) throw new Error(`clip: got the bounds ${low} and ${high}; it takes low ≤ high`);
  const { engine, shape, buffer, size } = x;
  const y = engine.wrap(unary(engine.device, 'clip', buffer, size, low, high), shape);
  return taped(y, 'clip', [x], (g) => {
    return [mul(g, engine.wrap(unary(engine.device, 'isWithin', buffer, size, low, high), shape))];
  });
}

/**
 * a where the condition is not 0, else b; all broadcast. The value of the other side has no influence, even if it is NaN, and
 * its gradient is 0. The operations that computed the other side multiply this 0 by their own derivatives: an infinite or NaN
 * derivative there gives a NaN gradient, as in PyTorch. To avoid it, choose their inputs. A NaN condition gives NaN.
 *
 * @param condition a constant: no gradient passes to it
 */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(broadcastShapes(condition.shape, a.shape, 'where'), b.shape, 'where');
  return choose(broadcastTo(condition.detach(), shape), broadcastTo(a, shape), broadcastTo(b, shape));
}

function choose(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const { engine, shape, size } = a;
  const y = whereKernel(engine.device, condition.buffer, a.buffer, b.buffer, size);
  return taped(engine.wrap(y, shape), 'where', [a, b], (g, [wantsA, wantsB]) => {
    const zeros = fillLike(g, 0);
    return [
      wantsA === true ? choose(condition, g, zeros) : undefined,
      wantsB === true ? choose(condition, zeros, g) : undefined,
    ];
  });
}
