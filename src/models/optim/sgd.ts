/**
 * @file Implements stochastic gradient descent (SGD).
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import * as kernels from '../../kernels/optimisers.js';
import { Columns, type Optimiser, zerosLike } from './optimiser.js';

/** Settings of {@link Sgd}. */
export interface SgdSettings {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum (v ← μv + g, θ ← θ − lr·v). */
export class Sgd implements Optimiser {
  readonly state: readonly Tensor[];
  private readonly columns: Columns;

  constructor(
    private readonly engine: Engine,
    parameters: readonly Tensor[],
    private readonly settings: SgdSettings,
  ) {
    const { momentum = 0 } = settings;
    this.state = momentum === 0 ? [] : zerosLike(engine, parameters, 'velocity');
    this.columns = new Columns(engine.device, momentum === 0 ? [parameters] : [parameters, this.state]);
  }

  step(gradients: readonly Tensor[]): void {
    for (const { buffers, count } of this.columns.updates(gradients)) {
      const [gradient, parameter, velocity] = buffers;
      if (!gradient || !parameter) continue;
      kernels.sgd(this.engine.device, { ...this.settings, parameter, gradient, velocity, count });
    }
  }

  dispose(): void {
    for (const tensor of this.state) tensor.free();
  }
}
