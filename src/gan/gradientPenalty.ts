/**
 * @file Penalties on a discriminator's gradient by the image, exact: the gradient is taken on the tape, so that what is
 * made of it can be differentiated by the weights.
 *
 * Both are means over images of a function of each image's own gradient, taken at once as that of Σ D. That is exact of a
 * discriminator which judges every image by itself. Where it sees the deviation of a batch, ∂ Σ D / ∂x has besides what an
 * image does to the logits of the others, as in the code of those who train so (Karras et al. 2018, 2019). Of a discriminator
 * that judges packs (PacGAN) a pack is what an image is to another: one point of its space, one ε, one norm.
 */
import { grad } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';

/** The discriminator: images [N, H, W, C] to logits [N / pack, 1]. */
export type Judge = (images: Tensor) => Tensor;

/**
 * Added under the root of a norm, as √ has an infinite slope at 0, and 0 · ∞ is NaN: one image at which the critic is flat
 * would end the run. With it the slope there is 0. A norm of 1 stays 1 in float32.
 */
const NORM_EPSILON = 1e-12;

/**
 * WGAN-GP's: E[(‖∇D(x̂)‖₂ − 1)²] at x̂ = ε x + (1 − ε) x̃, a random place on the line between a real and a generated image.
 *
 * @param share [N / pack, 1, 1, 1], ε of each image, or of each pack
 * @param pack images that are judged together, which lie one after the other
 */
export function interpolatesPenalty(judge: Judge, real: Tensor, fake: Tensor, share: Tensor, pack = 1): Tensor {
  const [x, drawn] = [inPacks(real, pack), inPacks(fake, pack)];
  const between = ops.reshape(ops.add(drawn, ops.mul(share, ops.sub(x, drawn))), real.shape);
  const norms = ops.sqrt(ops.addScalar(squaredNorms(judge, between, pack), NORM_EPSILON));
  return ops.mean(ops.square(ops.addScalar(norms, -1)));
}

/** R₁'s: ½ E‖∇D(x)‖² on real images, which the paper weighs by γ. */
export function realPenalty(judge: Judge, real: Tensor, pack = 1): Tensor {
  return ops.scale(ops.mean(squaredNorms(judge, real, pack)), 0.5);
}

/** ‖∂D / ∂image‖² of each image, or of each pack: [N / pack]. */
function squaredNorms(judge: Judge, images: Tensor, pack: number): Tensor {
  const [gradient] = grad((at) => ops.sum(judge(at)), { createGraph: true })(images);
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
