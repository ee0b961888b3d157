/**
 * @file Layers: parameters and state by name, and a forward pass in differentiable operations.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Engine } from '../../autograd/engine.js';
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Activation, Padding } from '../../kernels/options.js';
import { constant, type HostRandom, type Initialiser, unitVector } from './initialisers.js';

/** Tensors to be computed with in place of parameters. */
export type Substitutes = ReadonlyMap<Tensor, Tensor>;

/** What a forward pass needs to know besides its input. */
export interface Pass {
  /** Batch statistics and dropout, and the running averages move; otherwise running averages and no dropout. */
  readonly training: boolean;
  /** Equal parts of the batch that are normalised each by its own statistics, as if they came in turn; 1 where absent. */
  readonly groups?: number;
  /** Seeds dropout; `counter` is the iteration, on the GPU. Two passes of one iteration differ in `stream`. */
  readonly random: { readonly seed: number; readonly stream: number; readonly counter: DeviceBuffer };
  /**
   * The pass is that of the network which these would make; a parameter without one stands for itself. As it is a network
   * that is only thought of, such a pass moves no state: neither running averages nor singular vectors.
   */
  readonly substitutes?: Substitutes | undefined;
}

/** Makes the tensors that a layer owns. */
export interface Builder {
  readonly engine: Engine;
  readonly random: HostRandom;
}

/** A layer. `parameters` are trained; `state` is not, but belongs into a checkpoint all the same. */
export interface Layer {
  readonly parameters: readonly Tensor[];
  readonly state: readonly Tensor[];
  forward(x: Tensor, pass: Pass): Tensor;
}

function parameter(builder: Builder, name: string, shape: readonly number[], initialiser: Initialiser): Tensor {
  return builder.engine.tensor(initialiser(shape, builder.random), shape, { name, requiresGrad: true });
}

function stateTensor(builder: Builder, name: string, shape: readonly number[], value: number): Tensor {
  return builder.engine.tensor(constant(value)(shape, builder.random), shape, { name });
}

/** What a pass computes with where a layer has this parameter. */
function used(own: Tensor, { substitutes }: Pass): Tensor {
  return substitutes?.get(own) ?? own;
}

function movesState({ training, substitutes }: Pass): boolean {
  return training && substitutes === undefined;
}

export interface WeightedOptions {
  readonly kernel: Initialiser;
  /** No bias where a normalisation follows, whose β shifts each channel; true where absent. */
  readonly useBias?: boolean;
  readonly activation?: Activation;
  /** Divides the kernel by its largest singular value, as a step of the power iteration a pass estimates it; false where absent. */
  readonly spectral?: boolean;
}

/** A kernel's shape, and which of its axes counts the layer's outputs. */
interface KernelShape {
  readonly shape: readonly number[];
  readonly unitAxis: number;
}

/** A layer of a kernel and, if wanted, a bias of one value a unit. */
function weighted(
  builder: Builder,
  name: string,
  { shape, unitAxis }: KernelShape,
  { kernel: initialiser, useBias = true, spectral = false }: WeightedOptions,
  forward: (x: Tensor, kernel: Tensor, bias: Tensor | undefined) => Tensor,
): Layer {
  const units = [shape[unitAxis] ?? 1];
  const kernel = parameter(builder, `${name}/kernel`, shape, initialiser);
  const bias = useBias ? parameter(builder, `${name}/bias`, units, constant(0)) : undefined;
  const u = spectral ? firstVector(builder, name, units) : undefined;
  return {
    parameters: bias === undefined ? [kernel] : [kernel, bias],
    state: u === undefined ? [] : [u],
    forward: (x, pass) => {
      const weight = used(kernel, pass);
      const shift = bias === undefined ? undefined : used(bias, pass);
      if (u === undefined) return forward(x, weight, shift);
      return forward(x, spectrallyNormalised(weight, u, unitAxis, movesState(pass)), shift);
    },
  };
}

/** Where the power iteration starts: a direction at random, as the singular vectors are not known yet. */
function firstVector({ engine, random }: Builder, name: string, units: readonly number[]): Tensor {
  return engine.tensor(unitVector(units, random), units, { name: `${name}/singular_vector` });
}

/**
 * Each pass in training takes one step of the power iteration, before it uses the kernel, and u keeps it (Miyato's own
 * code does so as well): an update that passes images twice takes two. In inference the same step is taken and not kept.
 */
function spectrallyNormalised(kernel: Tensor, u: Tensor, axis: number, moves: boolean): Tensor {
  const vectors = ops.powerIteration(kernel, u, { axis, moves });
  return ops.spectralNormalise(kernel, { ...vectors, axis });
}

/** activation(x × kernel + bias), [batch, inputs] → [batch, units]. */
export function dense(builder: Builder, name: string, inputs: number, units: number, options: WeightedOptions): Layer {
  const { activation = 'none' } = options;
  return weighted(builder, name, { shape: [inputs, units], unitAxis: 1 }, options, (x, kernel, bias) => {
    return ops.matmul(x, kernel, { bias, activation });
  });
}

interface ConvLayerOptions extends WeightedOptions {
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** activation(x ∗ kernel + bias), [N, H, W, channels] → [N, H′, W′, filters]. */
export function conv2d(
  builder: Builder,
  name: string,
  channels: number,
  filters: number,
  options: ConvLayerOptions,
): Layer {
  const { size, stride, padding, activation = 'none' } = options;
  const kernelShape = { shape: [size, size, channels, filters], unitAxis: 3 };
  return weighted(builder, name, kernelShape, options, (x, kernel, bias) => {
    return ops.conv2d(x, kernel, { stride, padding, bias, activation });
  });
}

/** A transposed convolution, [N, H, W, channels] → [N, H·stride, W·stride, filters] with 'same' padding. */
export function convTranspose2d(
  builder: Builder,
  name: string,
  channels: number,
  filters: number,
  options: ConvLayerOptions,
): Layer {
  const { size, stride, padding, activation = 'none' } = options;
  const kernelShape = { shape: [size, size, filters, channels], unitAxis: 2 };
  return weighted(builder, name, kernelShape, options, (x, kernel, bias) => {
    return ops.convTranspose2d(x, kernel, { stride, padding, bias, activation });
  });
}

export interface BatchNormLayerOptions {
  /** Share of the running averages that stays at each update (Keras's convention). */
  readonly momentum: number;
  readonly epsilon: number;
  readonly activation?: Activation;
}

/** Batch normalisation over all axes but the last, with running averages for inference. */
export function batchNorm(builder: Builder, name: string, channels: number, options: BatchNormLayerOptions): Layer {
  const { momentum, epsilon, activation = 'none' } = options;
  const gamma = parameter(builder, `${name}/gamma`, [channels], constant(1));
  const beta = parameter(builder, `${name}/beta`, [channels], constant(0));
  const mean = stateTensor(builder, `${name}/moving_mean`, [channels], 0);
  const variance = stateTensor(builder, `${name}/moving_variance`, [channels], 1);
  return {
    parameters: [gamma, beta],
    state: [mean, variance],
    forward: (x, pass) => {
      const [scale, shift] = [used(gamma, pass), used(beta, pass)];
      if (!pass.training) return ops.batchNormInference(x, scale, shift, mean, variance, { epsilon, activation });
      const running = movesState(pass) ? { mean, variance, momentum } : undefined;
      return ops.batchNorm(x, scale, shift, { epsilon, activation, groups: pass.groups, running }).output;
    },
  };
}

interface LayerNormLayerOptions {
  readonly epsilon: number;
  readonly activation?: Activation;
}

/** Layer normalisation over all axes but the first, scaled and shifted by channel; the same in training and inference. */
export function layerNorm(builder: Builder, name: string, channels: number, options: LayerNormLayerOptions): Layer {
  const gamma = parameter(builder, `${name}/gamma`, [channels], constant(1));
  const beta = parameter(builder, `${name}/beta`, [channels], constant(0));
  return {
    parameters: [gamma, beta],
    state: [],
    forward: (x, pass) => ops.layerNorm(x, used(gamma, pass), used(beta, pass), options),
  };
}

/** Drops a share of the values while training. `index` sets this layer's masks apart from another's. */
export function dropout(rate: number, index: number): Layer {
  return {
    parameters: [],
    state: [],
    forward: (x, { training, random }) => {
      return training ? ops.dropout(x, { ...random, stream: random.stream + index, rate }) : x;
    },
  };
}

/** A layer without parameters. */
export function shapeless(forward: (x: Tensor) => Tensor): Layer {
  return { parameters: [], state: [], forward };
}

/** [N, H·W·C] → [N, H, W, C]. */
export function reshapeTo(shape: readonly number[]): Layer {
  return shapeless((x) => ops.reshape(x, [x.shape[0] ?? 1, ...shape]));
}

/** [N, ...] → [N, the rest]. */
export function flatten(): Layer {
  return shapeless((x) => ops.reshape(x, [x.shape[0] ?? 1, x.size / (x.shape[0] ?? 1)]));
}

/** Layers one after the other. */
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

  /** Numbers held, the state counted, as Keras's `count_params` does. */
  get parameterCount(): number {
    return [...this.parameters, ...this.state].reduce((total, tensor) => total + tensor.size, 0);
  }

  /** Frees the parameters and the state. */
  dispose(): void {
    for (const tensor of [...this.parameters, ...this.state]) tensor.free();
  }
}
