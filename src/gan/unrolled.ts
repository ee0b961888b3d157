/**
 * @file Unrolls future updates of the discriminator (Metz et al. 2017, https://arxiv.org/abs/1611.02163): with θ⁰ its weights,
 * θᵏ⁺¹ = Adam(θᵏ, ∂L_D(θᵏ, G) / ∂θᵏ). The generator learns from θᴷ, which depends on the generator through the images of every
 * update, so its gradient passes through all updates and through their gradients.
 */
import { grad } from '../autograd/grad.js';
import type { Tensor } from '../autograd/tensor.js';
import type { Sequential, Substitutes } from '../models/layers/index.js';
import type { Adam } from '../models/optim/adam.js';
import { columnsOf, unrolledUpdate } from '../models/optim/differentiableAdam.js';

export interface Unrolling {
  /** The discriminator and its optimiser; both stay unchanged. */
  readonly network: Sequential;
  readonly optimiser: Adam;
  /** K */
  readonly steps: number;
  /** The loss of unrolled update `nth`, counted from 1. */
  readonly loss: (substitutes: Substitutes, nth: number) => Tensor;
}

/** The weights θᴷ, on the tape. */
export function unrolled({ network, optimiser, steps, loss }: Unrolling): Substitutes {
  const { parameters } = network;
  const mapped = (values: readonly Tensor[]): Substitutes => {
    return new Map(parameters.map((parameter, index) => [parameter, values[index] ?? parameter]));
  };
  let columns = columnsOf(optimiser, parameters);
  for (let nth = 1; nth <= steps; nth++) {
    const descent = grad((...values) => loss(mapped(values), nth), { createGraph: true });
    const gradients = descent(...columns.map(({ parameter }) => parameter));
    columns = unrolledUpdate(optimiser, columns, gradients, nth);
  }
  return mapped(columns.map(({ parameter }) => parameter));
}
