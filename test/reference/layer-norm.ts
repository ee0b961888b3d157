/**
 * @file Layer normalisation. Ba et al. 2016, https://arxiv.org/abs/1607.06450, section 3, over all of an image.
 */
import type { LayerNormOptions } from '../../src/kernels/options.js';
import { activate } from './activation.js';
import { add, addScalar, div, mul, sqrt, square, sub } from './elementwise.js';
import { mean as meanOf } from './reduce.js';
import { type Array64, sameShape, shapeError } from './tensor.js';

/** Normalises each entry of the first axis by its own statistics; γ and β are by the last. */
export function layerNorm(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  { epsilon, activation }: LayerNormOptions,
): Array64 {
  const channels = x.shape.at(-1);
  if (channels === undefined || ![gamma, beta].every(({ shape }) => sameShape(shape, [channels])))
    throw shapeError('layerNorm', { x, gamma, beta }, 'x [N, ..., C] and one value a channel');
  const ofImage = { axes: x.shape.map((_, axis) => axis).slice(1), keepDims: true };
  const centred = sub(x, meanOf(x, ofImage));
  const deviation = sqrt(addScalar(meanOf(square(centred), ofImage), epsilon));
  return activate(add(mul(div(centred, deviation), gamma), beta), activation);
}
