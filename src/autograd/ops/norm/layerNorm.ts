/**
 * @file Normalises each image (layer normalisation, Ba et al. 2016, https://arxiv.org/abs/1607.06450), with a fused
 * activation. The backward pass is one fused kernel, or the same formula in differentiable operations if it is recorded on
 * the tape, as for a gradient penalty.
 */
import * as kernels from '../../../kernels/norm/layerNorm.js';
import type { LayerNormOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { activate, activationGradient, splitActivation } from '../activations.js';
import { addScalar } from '../affine.js';
import { add, mul, reciprocal, sqrt, square, sub } from '../elementwise.js';
import { mean, reshape, sum } from '../reduce.js';
import { infinityToNan } from './guards.js';

/**
 * activation(γ (x − μ) / √(σ² + ε) + β) with each image's own μ and (biased) σ², over all axes but the first. Images are
 * independent, so training and inference are the same, and a gradient penalty of an image depends on that image alone.
 *
 * @param x [N, ..., C]; γ and β [C]
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: LayerNormOptions): Tensor {
  const { engine, shape, size } = x;
  const { epsilon } = options;
  const { fused: activation, after } = splitActivation(options.activation);
  const [images] = shape;
  const channels = shape.at(-1);
  const fits = [gamma, beta].every((tensor) => tensor.shape.join() === channels?.toString());
  if (images === undefined || channels === undefined || shape.length < 2 || !fits) {
    const got = `x [${shape.join(', ')}], gamma [${gamma.shape.join(', ')}], beta [${beta.shape.join(', ')}]`;
    throw new Error(`layerNorm: got ${got}; it takes x [N, ..., C] and one value a channel`);
  }
  const pixels = size / images / channels;
  const common = { x: x.buffer, gamma: gamma.buffer, images, pixels, channels, activation };
  const { y, statistics } = kernels.layerNorm(engine.device, { ...common, beta: beta.buffer, epsilon });
  const output: Tensor = taped(engine.wrap(y, shape), 'layerNorm', [x, gamma, beta], (dy, wanted) => {
    if (engine.isTaping) {
      return tapedGradient(x, gamma, activationGradient(dy, output, activation), epsilon, wanted);
    }
    const fused = kernels.layerNormGradient(engine.device, { ...common, dy: dy.buffer, y, statistics });
    return [engine.wrap(fused.dx, shape), engine.wrap(fused.dGamma, [channels]), engine.wrap(fused.dBeta, [channels])];
  });
  return activate(output, after);
}

/** With x̂ = (x − μ) / √(σ² + ε) and h = γ dy: dx = (h − mean(h) − x̂ · mean(h · x̂)) / √(σ² + ε), the means over an image. */
function tapedGradient(
  x: Tensor,
  gamma: Tensor,
  dy: Tensor,
  epsilon: number,
  wanted: readonly boolean[],
): readonly (Tensor | undefined)[] {
  const [images = 1] = x.shape;
  const byImages = [images, x.size / images / gamma.size, gamma.size];
  const ofImage = { axes: [1, 2], keepDims: true };
  const ofAll = { axes: [0, 1] };
  const gradient = reshape(dy, byImages);
  const image = reshape(x, byImages);
  const centred = sub(image, mean(image, ofImage));
  const inverse = reciprocal(sqrt(addScalar(infinityToNan(mean(square(centred), ofImage)), epsilon)));
  const normalised = mul(centred, inverse);
  const dx = (): Tensor => {
    const scaled = mul(gradient, gamma);
    const projected = add(mean(scaled, ofImage), mul(normalised, mean(mul(scaled, normalised), ofImage)));
    return reshape(mul(inverse, sub(scaled, projected)), x.shape);
  };
  return [
    wanted[0] === true ? dx() : undefined,
    wanted[1] === true ? sum(mul(gradient, normalised), ofAll) : undefined,
    wanted[2] === true ? sum(gradient, ofAll) : undefined,
  ];
}
