/**
 * @file Differentiable augmentation: images moved and cut at random before a discriminator sees them, with gradients
 * through to what drew them (Zhao et al. 2020, https://arxiv.org/abs/2006.10738). The map is affine in the images and comes
 * with its adjoint, so both are closed under differentiation.
 */
import * as kernels from '../../../kernels/augment.js';
import type { AugmentOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';

/**
 * Moves each image and fills a hole of it, at places of its own.
 *
 * @param x [N, H, W, C]
 * @param draws [N, 4] on [0, 1), constants: rows and columns of the movement, row and column of the hole's centre
 */
export function augment(x: Tensor, draws: Tensor, options: AugmentOptions): Tensor {
  const { engine, shape } = x;
  const y = kernels.augment(engine.device, x.buffer, checked(x, draws).buffer, shape, options);
  return taped(engine.wrap(y, shape), 'augment', [x], (g) => [back(g, draws, options)]);
}

/** The adjoint of {@link augment}, to which the fill is a constant. */
function back(dy: Tensor, draws: Tensor, options: AugmentOptions): Tensor {
  const { engine, shape } = dy;
  const dx = kernels.augmentGradient(engine.device, dy.buffer, draws.buffer, shape, options);
  return taped(engine.wrap(dx, shape), 'augmentGradient', [dy], (g) => [augment(g, draws, { ...options, fill: 0 })]);
}

function checked(x: Tensor, draws: Tensor): Tensor {
  if (draws.shape.join() === [x.shape[0], kernels.AUGMENT_DRAWS].join()) return draws;
  throw new Error(`augment: got x ${x.toString()} and draws ${draws.toString()}; it takes draws [N, 4]`);
}
