/**
 * @file Optimisers over a model's parameters. Their state lives on the GPU, the count of updates included, so a
 * recorded step carries it on by itself.
 */
import type { Engine } from '../autograd/engine.js';
import type { Tensor } from '../autograd/tensor.js';
import * as kernels from '../kernels/optimisers.js';
import type { DeviceBuffer } from '../gpu/buffers.js';

/** Changes parameters in place, given their gradients. */
export interface Optimiser {
  /** @param gradients one for each parameter, in the same order. */
  update(gradients: readonly Tensor[]): void;
  /** Tensors that a checkpoint must hold besides the parameters. */
  readonly state: readonly Tensor[];
  dispose(): void;
}

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the corrected second moment. */
  readonly epsilon?: number;
  /** Decoupled (AdamW). */
  readonly weightDecay?: number;
}

function checkCount(parameters: readonly Tensor[], gradients: readonly Tensor[]): void {
  if (parameters.length !== gradients.length) {
    throw new Error(`optimiser: got ${gradients.length} gradients for ${parameters.length} parameters`);
  }
}

/** Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980). */
export class Adam implements Optimiser {
  private readonly first: readonly Tensor[];
  private readonly second: readonly Tensor[];
  private readonly step: DeviceBuffer;

  constructor(
    private readonly engine: Engine,
    private readonly parameters: readonly Tensor[],
    private readonly settings: AdamSettings,
  ) {
    const zeros = (kind: string): Tensor[] => {
      return parameters.map(({ shape, size, name }) => {
        return engine.tensor(new Float32Array(size), shape, { name: `${name ?? 'parameter'}/${kind}` });
      });
    };
    this.first = zeros('adam_first_moment');
    this.second = zeros('adam_second_moment');
    this.step = engine.device.allocatePersistent(4, 'adam step');
    engine.device.write(this.step, new Uint32Array(1));
  }

  get state(): readonly Tensor[] {
    return [...this.first, ...this.second];
  }

  /** One u32: the updates done so far. */
  get stepCounter(): DeviceBuffer {
    return this.step;
  }

  update(gradients: readonly Tensor[]): void {
    checkCount(this.parameters, gradients);
    const { device } = this.engine;
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = this.settings;
    kernels.increment(device, this.step);
    this.parameters.forEach((parameter, index) => {
      const gradient = gradients[index];
      const first = this.first[index];
      const second = this.second[index];
      if (gradient === undefined || first === undefined || second === undefined) return;
      kernels.adam(device, {
        parameter: parameter.buffer,
        gradient: gradient.buffer,
        firstMoment: first.buffer,
        secondMoment: second.buffer,
        step: this.step,
        count: parameter.size,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
      });
    });
  }

  dispose(): void {
    for (const tensor of this.state) tensor.free();
    this.engine.device.free(this.step);
  }
}

export interface SgdSettings {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum (v ← μv + g, θ ← θ − lr·v). */
export class Sgd implements Optimiser {
  readonly state: readonly Tensor[];

  constructor(
    private readonly engine: Engine,
    private readonly parameters: readonly Tensor[],
    private readonly settings: SgdSettings,
  ) {
    const { momentum = 0 } = settings;
    this.state =
      momentum === 0
        ? []
        : parameters.map(({ shape, size, name }) => {
            return engine.tensor(new Float32Array(size), shape, { name: `${name ?? 'parameter'}/velocity` });
          });
  }

  update(gradients: readonly Tensor[]): void {
    checkCount(this.parameters, gradients);
    this.parameters.forEach((parameter, index) => {
      const gradient = gradients[index];
      if (gradient === undefined) return;
      kernels.sgd(this.engine.device, {
        ...this.settings,
        parameter: parameter.buffer,
        gradient: gradient.buffer,
        velocity: this.state[index]?.buffer,
        count: parameter.size,
      });
    });
  }

  dispose(): void {
    for (const tensor of this.state) tensor.free();
  }
}
