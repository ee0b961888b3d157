/**
 * @file Builds layers with a kernel, a bias and, on request, spectral normalisation of the kernel.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Activation } from '../../kernels/options.js';
import { constant, type Initialiser, unitVector } from './initialisers.js';
import { type Builder, type Layer, parameter, updatesState, used } from './layer.js';

/** Options of a layer with a kernel. */
export interface WeightedOptions {
  readonly kernel: Initialiser;
  /** False if a normalisation follows, whose β shifts each channel. True if absent. */
  readonly useBias?: boolean;
  readonly activation?: Activation;
  /** Divides the kernel by its largest singular value, estimated by one power iteration a pass. False if absent. */
  readonly spectral?: boolean;
}

/** A kernel's shape, and the axis that counts the layer's outputs. */
interface KernelShape {
  readonly shape: readonly number[];
  readonly unitAxis: number;
}

/** A layer with a kernel and, unless `useBias` is false, a bias of one value for each unit. */
export function weighted(
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
      return forward(x, spectrallyNormalised(weight, u, unitAxis, updatesState(pass)), shift);
    },
  };
}

/** Start of the power iteration: a random direction. */
function firstVector({ engine, random }: Builder, name: string, units: readonly number[]): Tensor {
  return engine.tensor(unitVector(units, random), units, { name: `${name}/singular_vector` });
}

/**
 * Each training pass takes one step of the power iteration before it uses the kernel, and stores u, as Miyato's code does: an
 * update with two passes takes two steps. Inference takes the same step and does not store it.
 */
function spectrallyNormalised(kernel: Tensor, u: Tensor, axis: number, updates: boolean): Tensor {
  const vectors = ops.powerIteration(kernel, u, { axis, moves: updates });
  return ops.spectralNormalise(kernel, { ...vectors, axis });
}
