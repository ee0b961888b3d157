/**
 * @file Nearest-neighbour up-sampling by 2 and its adjoint; each is the VJP of the other.
 */
import * as resampling from '../../../kernels/upsample.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';

/** [N, H, W, C] → [N, 2H, 2W, C], each pixel repeated four times. */
export function upsample2x(x: Tensor): Tensor {
  const { engine, shape } = x;
  const [n = 1, h = 1, w = 1, c = 1] = shape;
  const y = resampling.upsample2x(engine.device, x.buffer, shape);
  return taped(engine.wrap(y, [n, 2 * h, 2 * w, c]), 'upsample2x', [x], (g) => [downsampleSum2x(g)]);
}

/** [N, 2H, 2W, C] → [N, H, W, C], the sum of each 2 × 2 block: the adjoint of {@link upsample2x}. */
export function downsampleSum2x(x: Tensor): Tensor {
  const { engine, shape } = x;
  const [n = 1, h = 2, w = 2, c = 1] = shape;
  const y = resampling.downsampleSum2x(engine.device, x.buffer, shape);
  return taped(engine.wrap(y, [n, h / 2, w / 2, c]), 'downsampleSum2x', [x], (g) => [upsample2x(g)]);
}
