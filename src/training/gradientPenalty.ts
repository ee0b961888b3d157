/**
 * @file Penalties on a discriminator's gradient by the image, exact: the gradient is taken on the tape, so that what is
 * made of it can be differentiated by the weights.
 *
 * Both are means over images of a function of each image's own gradient. That takes a discriminator which judges every
 * image by itself: under batch normalisation ∂ Σ D / ∂x would mix the images.
 */
import { grad } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';

/** The discriminator: images [N, H, W, C] to logits [N, 1]. */
export type Judge = (images: Tensor) => Tensor;

/**
 * Added under the root of a norm, as √ has an infinite slope at 0, and 0 · ∞ is NaN: one image at which the critic is flat
 * would end the run. With it the slope there is 0. A norm of 1 stays 1 in float32.
 */
const NORM_EPSILON = 1e-12;

/**
 * WGAN-GP's: E[(‖∇D(x̂)‖₂ − 1)²] at x̂ = ε x + (1 − ε) x̃, a random place on the line between a real and a generated image.
 *
 * @param share [N, 1, 1, 1], ε of each image
 */
export function interpolatesPenalty(judge: Judge, real: Tensor, fake: Tensor, share: Tensor): Tensor {
  const between = ops.add(fake, ops.mul(share, ops.sub(real, fake)));
  const norms = ops.sqrt(ops.addScalar(squaredNorms(judge, between), NORM_EPSILON));
  return ops.mean(ops.square(ops.addScalar(norms, -1)));
}

/** R₁'s: ½ E‖∇D(x)‖² on real images, which the paper weighs by γ. */
export function realPenalty(judge: Judge, real: Tensor): Tensor {
  return ops.scale(ops.mean(squaredNorms(judge, real)), 0.5);
}

/** ‖∂D / ∂image‖² of each image, [N]. */
function squaredNorms(judge: Judge, images: Tensor): Tensor {
  const [gradient] = grad((at) => ops.sum(judge(at)), { createGraph: true })(images);
  const [count] = images.shape;
  if (gradient === undefined || count === undefined) {
    throw new Error(`squaredNorms: got ${images.toString()}; it takes images [N, H, W, C]`);
  }
  return ops.sum(ops.square(ops.reshape(gradient, [count, images.size / count])), { axes: [1] });
}
