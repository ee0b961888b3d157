/**
 * @file Max-pooling. It is linear once the winners are known; scatter to the winners and gather from them are adjoint.
 */
import type { MaxPool2dOptions } from '../../../kernels/options.js';
import * as pooling from '../../../kernels/pooling.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';

/** Largest value of each window; of equal values the first in row-major order wins. */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions = {}): Tensor {
  const { engine, shape } = x;
  const { outputShape } = pooling.poolGeometry(shape, options);
  const y = pooling.maxPool2d(engine.device, x.buffer, shape, options);
  return taped(engine.wrap(y, outputShape), 'maxPool2d', [x], (g) => [scatterToWinners(g, x, options)]);
}

/** Writes each window's value to the place of its winner in x. The winners are constants almost everywhere. */
function scatterToWinners(values: Tensor, x: Tensor, options: MaxPool2dOptions): Tensor {
  const { engine, shape } = x;
  const y = pooling.maxPool2dGradient(engine.device, values.buffer, x.buffer, shape, options);
  return taped(engine.wrap(y, shape), 'maxPool2dGradient', [values, x], (g) => [gatherFromWinners(g, x, options)]);
}

/** Reads for each window the value at the place of its winner in x. */
function gatherFromWinners(values: Tensor, x: Tensor, options: MaxPool2dOptions): Tensor {
  const { engine, shape } = x;
  const { outputShape } = pooling.poolGeometry(shape, options);
  const y = pooling.maxPool2dGather(engine.device, values.buffer, x.buffer, shape, options);
  return taped(engine.wrap(y, outputShape), 'maxPool2dGather', [values, x], (g) => [scatterToWinners(g, x, options)]);
}
