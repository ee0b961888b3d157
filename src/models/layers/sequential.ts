/**
 * @file Chains layers into a network.
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { Layer, Pass } from './layer.js';

/** Applies layers one after the other. */
export class Sequential implements Layer {
  readonly parameters: readonly Tensor[];
  readonly state: readonly Tensor[];

  constructor(
    readonly name: string,
    private readonly layers: readonly Layer[],
  ) {
    this.parameters = layers.flatMap((layer) => layer.parameters);
    this.state = layers.flatMap((layer) => layer.state);
  }

  forward(x: Tensor, pass: Pass): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value, pass), x);
  }

  /** Number of values, including state, as in Keras's `count_params`. */
  get parameterCount(): number {
    return [...this.parameters, ...this.state].reduce((total, tensor) => total + tensor.size, 0);
  }

  /** Frees the parameters and the state. */
  dispose(): void {
    for (const tensor of [...this.parameters, ...this.state]) tensor.free();
  }
}
