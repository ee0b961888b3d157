/**
 * @file The discriminator as some updates more would make it (Metz et al. 2017, https://arxiv.org/abs/1611.02163): with
 * θ⁰ its weights, θᵏ⁺¹ = Adam(θᵏ, ∂L_D(θᵏ, G) / ∂θᵏ). The generator learns from θᴷ, which depends on it through the images
 * of every one of these updates, so its gradient passes through all of them and through the gradients they are made by.
 */
import { grad } from '../autograd/grad.js';
import type { Tensor } from '../autograd/tensor.js';
import type { Sequential, Substitutes } from '../models/layers/layers.js';
import type { Adam } from '../models/optim/optimisers.js';
import { columnsOf, unrolledUpdate } from '../models/optim/differentiableAdam.js';

export interface Unrolling {
  /** The discriminator, and what it is trained by. Neither is changed. */
  readonly network: Sequential;
  readonly optimiser: Adam;
  /** K */
  readonly steps: number;
  /** Updates made that the optimiser does not count yet. */
  readonly uncounted: number;
  /** The loss that step `nth`, counted from 1, descends. */
  readonly loss: (substitutes: Substitutes, nth: number) => Tensor;
}

/** θᴷ, on the tape. */
export function unrolled({ network, optimiser, steps, uncounted, loss }: Unrolling): Substitutes {
  const { parameters } = network;
  const mapped = (values: readonly Tensor[]): Substitutes => {
    return new Map(parameters.map((parameter, index) => [parameter, values[index] ?? parameter]));
  };
  let columns = columnsOf(optimiser, parameters);
  for (let nth = 1; nth <= steps; nth++) {
    const descent = grad((...values) => loss(mapped(values), nth), { createGraph: true });
    const gradients = descent(...columns.map(({ parameter }) => parameter));
    columns = unrolledUpdate(optimiser, columns, gradients, uncounted + nth);
  }
  return mapped(columns.map(({ parameter }) => parameter));
}
