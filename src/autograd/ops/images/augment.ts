/**
 * @file Augments images differentiably: random translation and cutout before the discriminator, with gradients to the
 * generator (Zhao et al. 2020, https://arxiv.org/abs/2006.10738). The map is affine in the images; its VJP is its adjoint,
 * and the VJP of the adjoint is the map without the fill.
 */
import * as kernels from '../../../kernels/augment.js';
import type { AugmentOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';

/**
 * Translates each image and fills a square hole in it, each at random positions.
 *
 * @param x [N, H, W, C]
 * @param draws [N, 4] on [0, 1), constants: translation by rows and columns, row and column of the hole's centre
 */
export function augment(x: Tensor, draws: Tensor, options: AugmentOptions): Tensor {
  const { engine, shape } = x;
  const y = kernels.augment(engine.device, x.buffer, checked(x, draws).buffer, shape, options);
  return taped(engine.wrap(y, shape), 'augment', [x], (g) => [back(g, draws, options)]);
}

/** The adjoint of the linear part of {@link augment}; the fill is a constant. */
function back(dy: Tensor, draws: Tensor, options: AugmentOptions): Tensor {
  const { engine, shape } = dy;
  const dx = kernels.augmentGradient(engine.device, dy.buffer, draws.buffer, shape, options);
  return taped(engine.wrap(dx, shape), 'augmentGradient', [dy], (g) => [augment(g, draws, { ...options, fill: 0 })]);
}

function checked(x: Tensor, draws: Tensor): Tensor {
  if (draws.shape.join() === [x.shape[0], kernels.AUGMENT_DRAWS].join()) return draws;
  throw new Error(`augment: got x ${x.toString()} and draws ${draws.toString()}; it takes draws [N, 4]`);
}
