/**
 * @file Computes penalties on the discriminator's gradient by the image. The gradient is taken on the tape, so the penalty's
 * gradient by the weights is exact.
 *
 * Both are means over images of a function of each image's gradient, computed at once as the gradient of Σ D. This is exact if
 * each logit depends on one image. With the minibatch standard deviation, ∂ Σ D / ∂x also contains the effect of an image on
 * the other logits, as in the code of Karras et al. 2018 and 2019. With packs (PacGAN) a pack takes the place of an image: one
 * point of the discriminator's space, one ε, one norm.
 */
import { grad } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';

/** The discriminator: images [N, H, W, C] to logits [N / pack, 1]. */
type Discriminator = (images: Tensor) => Tensor;

/**
 * Added under the root of a norm. √ has an infinite slope at 0, and 0 · ∞ is NaN: one image at which the critic is flat would
 * end the run. With the constant the slope there is 0. A norm of 1 stays 1 in float32.
 */
const NORM_EPSILON = 1e-12;

/**
 * Penalty of WGAN-GP: E[(‖∇D(x̂)‖₂ − 1)²] at x̂ = ε x + (1 − ε) x̃, a random point between a real and a generated image.
 *
 * @param share [N / pack, 1, 1, 1], ε of each image or pack
 * @param pack consecutive images that the discriminator sees together
 */
export function interpolatesPenalty(
  discriminator: Discriminator,
  real: Tensor,
  fake: Tensor,
  share: Tensor,
  pack = 1,
): Tensor {
  const [x, drawn] = [inPacks(real, pack), inPacks(fake, pack)];
  const between = ops.reshape(ops.add(drawn, ops.mul(share, ops.sub(x, drawn))), real.shape);
  const norms = ops.sqrt(ops.addScalar(squaredNorms(discriminator, between, pack), NORM_EPSILON));
  return ops.mean(ops.square(ops.addScalar(norms, -1)));
}

/** Penalty R₁: ½ E‖∇D(x)‖² on real images; the paper's weight is γ. */
export function realPenalty(discriminator: Discriminator, real: Tensor, pack = 1): Tensor {
  return ops.scale(ops.mean(squaredNorms(discriminator, real, pack)), 0.5);
}

/** ‖∂D / ∂image‖² of each image or pack: [N / pack]. */
function squaredNorms(discriminator: Discriminator, images: Tensor, pack: number): Tensor {
  const [gradient] = grad((at) => ops.sum(discriminator(at)), { createGraph: true })(images);
  const [count] = images.shape;
  if (gradient === undefined || count === undefined) {
    throw new Error(`squaredNorms: got ${images.toString()}; it takes images [N, H, W, C]`);
  }
  return ops.sum(ops.square(ops.reshape(gradient, [count / pack, (images.size / count) * pack])), { axes: [1] });
}

/** [N, H, W, C] as [N / pack, pack · H, W, C]. */
function inPacks(images: Tensor, pack: number): Tensor {
  const [count = 1, height = 1, ...others] = images.shape;
  return ops.reshape(images, [count / pack, height * pack, ...others]);
}
