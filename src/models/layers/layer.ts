/**
 * @file Defines layers: parameters and state by name, and a forward pass in differentiable operations.
 */
import type { Engine } from '../../autograd/engine.js';
import type { RandomSource } from '../../autograd/ops/random.js';
import type { Tensor } from '../../autograd/tensor.js';
import { constant, type HostRandom, type Initialiser } from './initialisers.js';

/** Maps parameters to the tensors that replace them. */
export type Substitutes = ReadonlyMap<Tensor, Tensor>;

/** Settings of a forward pass. */
export interface Pass {
  /**
   * Training: normalisation by batch statistics, which update the running averages, and dropout. Inference: normalisation by
   * running averages, and no dropout.
   */
  readonly training: boolean;
  /** Number of equal parts of the batch, each normalised by its own statistics, in order. 1 if absent. */
  readonly groups?: number;
  /** Source of dropout masks. Each dropout layer adds its index to the stream. If absent: the engine's own stream. */
  readonly random?: RandomSource | undefined;
  /**
   * Values to use in place of parameters; other parameters are used unchanged. Such a pass updates no state, neither
   * running averages nor singular vectors.
   */
  readonly substitutes?: Substitutes | undefined;
}

/** Creates the tensors of layers: their engine and the generator of initial values. */
export interface Builder {
  readonly engine: Engine;
  readonly random: HostRandom;
}

/** A layer. `parameters` are trained; `state` is not, but a checkpoint holds it too. */
export interface Layer {
  readonly parameters: readonly Tensor[];
  readonly state: readonly Tensor[];
  forward(x: Tensor, pass: Pass): Tensor;
}

/** Creates a trained tensor. */
export function parameter(builder: Builder, name: string, shape: readonly number[], initialiser: Initialiser): Tensor {
  return builder.engine.tensor(initialiser(shape, builder.random), shape, { name, requiresGrad: true });
}

/** Creates a state tensor filled with one value. */
export function stateTensor(builder: Builder, name: string, shape: readonly number[], value: number): Tensor {
  return builder.engine.tensor(constant(value)(shape, builder.random), shape, { name });
}

/** The tensor that a pass uses for a parameter. */
export function used(own: Tensor, { substitutes }: Pass): Tensor {
  return substitutes?.get(own) ?? own;
}

/** Whether a pass updates running averages and singular vectors. */
export function updatesState({ training, substitutes }: Pass): boolean {
  return training && substitutes === undefined;
}
