/**
 * @file The operations that the GPU's tensors and the float64 reference share, under one interface: a function written
 * in it exists in both worlds, and the compiler sees to it that both have every operation, under the same options.
 */
import type { CheckedFunction, CheckInput, ReferenceArray } from '../../src/autograd/gradcheck.js';
import type { Engine } from '../../src/autograd/engine.js';
import type { GeluOptions } from '../../src/autograd/ops/activations.js';
import * as gpuOps from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import type {
  Activation,
  AugmentOptions,
  BatchNormInferenceOptions,
  BatchNormOptions,
  Conv2dOptions,
  ConvTranspose2dOptions,
  ConvWeightGradientOptions,
  GroupNormOptions,
  LayerNormOptions,
  MatmulOptions,
  MaxPool2dOptions,
  MinibatchStddevOptions,
  ReduceOptions,
  SingularVectorsOptions,
  UpsampledConv2dOptions,
} from '../../src/kernels/options.js';
import * as referenceOps from '../reference/ops.js';
import { type Array64, array64, sizeOf } from '../reference/tensor.js';
import { seededNormal } from './random.js';

type Unary<T> = (x: T) => T;
type Binary<T> = (a: T, b: T) => T;

/** Every differentiable operation of both, on whatever `T` stands for an array there. */
export interface SharedOps<T> {
  readonly relu: Unary<T>;
  readonly leakyRelu: (x: T, slope?: number) => T;
  readonly tanh: Unary<T>;
  readonly sigmoid: Unary<T>;
  readonly activate: (x: T, activation: Activation) => T;
  readonly gelu: (x: T, options?: GeluOptions) => T;
  readonly silu: Unary<T>;
  readonly softplus: Unary<T>;
  readonly softmax: Unary<T>;
  readonly add: Binary<T>;
  readonly sub: Binary<T>;
  readonly mul: Binary<T>;
  readonly div: Binary<T>;
  readonly neg: Unary<T>;
  readonly exp: Unary<T>;
  readonly log: Unary<T>;
  readonly sqrt: Unary<T>;
  readonly square: Unary<T>;
  readonly reciprocal: Unary<T>;
  readonly abs: Unary<T>;
  readonly erf: Unary<T>;
  readonly pow: (x: T, exponent: T | number) => T;
  readonly clip: (x: T, low: number, high: number) => T;
  readonly where: (condition: T, a: T, b: T) => T;
  readonly max: (x: T, options?: ReduceOptions) => T;
  readonly argmax: (x: T, options?: ReduceOptions) => T;
  readonly gather: (x: T, indices: T, axis?: number) => T;
  readonly embedding: Binary<T>;
  readonly addScalar: (x: T, s: number) => T;
  readonly scale: (x: T, s: number) => T;
  readonly sum: (x: T, options?: ReduceOptions) => T;
  readonly mean: (x: T, options?: ReduceOptions) => T;
  readonly broadcastTo: (x: T, shape: readonly number[]) => T;
  readonly reshape: (x: T, shape: readonly number[]) => T;
  readonly transpose: (x: T, permutation?: readonly number[]) => T;
  readonly concat: (a: T, b: T, axis?: number) => T;
  readonly slice: (x: T, first: number, count: number, axis?: number) => T;
  readonly matmul: (a: T, b: T, options?: MatmulOptions<T>) => T;
  readonly conv2d: (x: T, w: T, options?: Conv2dOptions<T>) => T;
  readonly upsampledConv2d: (x: T, w: T, options?: UpsampledConv2dOptions<T>) => T;
  readonly convTranspose2d: (x: T, w: T, options?: ConvTranspose2dOptions<T>) => T;
  readonly convWeightGradient: (x: T, dy: T, options: ConvWeightGradientOptions) => T;
  readonly upsample2x: Unary<T>;
  readonly downsampleSum2x: Unary<T>;
  readonly maxPool2d: (x: T, options?: MaxPool2dOptions) => T;
  readonly batchNorm: (x: T, gamma: T, beta: T, options: BatchNormOptions) => { readonly output: T };
  readonly batchNormInference: (x: T, gamma: T, beta: T, mean: T, variance: T, options: BatchNormInferenceOptions) => T;
  readonly layerNorm: (x: T, gamma: T, beta: T, options: LayerNormOptions) => T;
  readonly groupNorm: (x: T, gamma: T, beta: T, options: GroupNormOptions) => T;
  readonly spectralNorm: (weight: T, vectors: SingularVectorsOptions<T>) => T;
  readonly spectralNormalise: (weight: T, vectors: SingularVectorsOptions<T>) => T;
  readonly augment: (x: T, draws: T, options: AugmentOptions) => T;
  readonly packImages: (x: T, count: number) => T;
  readonly minibatchStddev: (x: T, options?: MinibatchStddevOptions) => T;
  readonly bceWithLogits: (logits: T, targets: T) => T;
  readonly softmaxCrossEntropy: (logits: T, oneHot: T) => T;
}

/** The operations, and constants to go with them. */
export interface World<T> extends SharedOps<T> {
  readonly constant: (shape: readonly number[], values: ArrayLike<number>) => T;
}

const onGpu: SharedOps<Tensor> = gpuOps;
const inFloat64: SharedOps<Array64> = referenceOps;

export const float64World: World<Array64> = { ...inFloat64, constant: array64 };

/** Its constants belong to the scope in which they are made. */
export function gpuWorld(engine: Engine): World<Tensor> {
  const { device } = engine;
  return {
    ...onGpu,
    constant: (shape, values) => {
      const buffer = device.allocate(sizeOf(shape) * 4, 'constant');
      device.write(buffer, Float32Array.from(values));
      return engine.wrap(buffer, shape);
    },
  };
}

/** A function of arrays, whatever they are. */
export type WorldFunction = <T>(o: World<T>, ...inputs: T[]) => T;

/** The function in both worlds, as the gradient checks take it. */
export function both(engine: Engine, f: WorldFunction): CheckedFunction {
  return {
    gpu: (...inputs: Tensor[]) => f(gpuWorld(engine), ...inputs),
    reference: (...inputs: ReferenceArray[]) => f<Array64>(float64World, ...inputs),
  };
}

/**
 * Σ c · (y + y²/2) with fixed c, no two of which are alike: a scalar whose gradient by y is nowhere the same, and whose
 * second derivative by y is not zero.
 */
export function readout<T>(o: World<T>, y: T, shape: readonly number[]): T {
  const weights = o.constant(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.cos(0.7 + 1.9 * at)),
  );
  return o.sum(o.mul(weights, o.add(y, o.scale(o.square(y), 0.5))));
}

/** N(0, 1), from a seed. */
export function normal(seed: string, ...shape: number[]): CheckInput {
  return { shape, values: seededNormal(seed, sizeOf(shape)) };
}

/** Values of both signs, no two alike and none near 0, in no order: clear of the kinks of ReLU, abs and max-pooling. */
export function distinct(...shape: number[]): CheckInput {
  const count = sizeOf(shape);
  // Multiples of a number prime to the count visit every place once.
  const step = [7, 11, 13, 17].find((prime) => count % prime !== 0) ?? 1;
  const values = Float64Array.from({ length: count }, (_, at) => {
    const place = (at * step + 3) % count;
    return Math.fround((place % 2 === 0 ? 1 : -1) * (0.25 + (1.5 * (place + 1)) / count));
  });
  return { shape, values };
}

/** Between 0.5 and 2, no two alike. */
export function positive(...shape: number[]): CheckInput {
  const { values } = distinct(...shape);
  return {
    shape,
    values: Float64Array.from(values, (value) => Math.fround(0.3 + Math.abs(value) * (value > 0 ? 0.9 : 0.7))),
  };
}
