/**
 * @file Changes of resolution: nearest up-sampling and max-pooling. Each is linear once the winners are known, and
 * comes with its adjoint, so both are closed under differentiation.
 */
import type { MaxPool2dOptions } from '../../kernels/options.js';
import * as pooling from '../../kernels/pooling.js';
import * as resampling from '../../kernels/upsample.js';
import { taped } from '../grad.js';
import type { Tensor } from '../tensor.js';

/** [N, H, W, C] → [N, 2H, 2W, C], each pixel four times. */
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

/** The largest value of each window; among equals the first in row-major order. */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions = {}): Tensor {
  const { engine, shape } = x;
  const { outputShape } = pooling.poolGeometry(shape, options);
  const y = pooling.maxPool2d(engine.device, x.buffer, shape, options);
  return taped(engine.wrap(y, outputShape), 'maxPool2d', [x], (g) => [scatterToWinners(g, x, options)]);
}

/** Puts each window's value where its winner in x is. The winners themselves are constants almost everywhere. */
function scatterToWinners(values: Tensor, x: Tensor, options: MaxPool2dOptions): Tensor {
  const { engine, shape } = x;
  const y = pooling.maxPool2dGradient(engine.device, values.buffer, x.buffer, shape, options);
  return taped(engine.wrap(y, shape), 'maxPool2dGradient', [values, x], (g) => [gatherFromWinners(g, x, options)]);
}

/** Takes for each window the value at the place of its winner in x. */
function gatherFromWinners(values: Tensor, x: Tensor, options: MaxPool2dOptions): Tensor {
  const { engine, shape } = x;
  const { outputShape } = pooling.poolGeometry(shape, options);
  const y = pooling.maxPool2dGather(engine.device, values.buffer, x.buffer, shape, options);
  return taped(engine.wrap(y, outputShape), 'maxPool2dGather', [values, x], (g) => [scatterToWinners(g, x, options)]);
}
