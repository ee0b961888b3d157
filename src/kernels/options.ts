/**
 * @file Defines the options that kernels, differentiable operations and their float64 reference share.
 *
 * `T` is the tensor type: a GPU buffer with its shape, a node of the tape, or an array of the reference.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';

/**
 * Activation that a kernel applies to each value before it writes it; `leakyRelu` is the slope below zero. The derivative of
 * each follows from its value.
 */
export type FusedActivation = 'none' | 'relu' | 'tanh' | 'sigmoid' | { readonly leakyRelu: number };

/** Activation of a layer. The derivatives of GELU and SiLU need the input, so they are operations of their own. */
export type Activation = FusedActivation | 'gelu' | 'geluTanh' | 'silu';

export interface ExplicitPadding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** `'same'` is TensorFlow's: the output has ceil(input / stride) rows, and odd padding puts the extra row at the end. */
export type Padding = 'same' | 'valid' | ExplicitPadding;

/** One step for both directions, or [rows, columns]. */
export type Stride = number | readonly [number, number];

export interface EpilogueOptions<T> {
  /** One value for each output channel (conv) or column (matmul). */
  readonly bias?: T | undefined;
  readonly activation?: Activation | undefined;
}

export interface MatmulOptions<T> extends EpilogueOptions<T> {
  readonly transposeA?: boolean | undefined;
  readonly transposeB?: boolean | undefined;
}

export interface ConvWindowOptions {
  /** 1 if absent. */
  readonly stride?: Stride | undefined;
  /** `'same'` if absent. */
  readonly padding?: Padding | undefined;
}

export interface Conv2dOptions<T> extends ConvWindowOptions, EpilogueOptions<T> {}

export interface UpsampledConv2dOptions<T> extends EpilogueOptions<T> {
  /** Of the enlarged image; `'same'` if absent. */
  readonly padding?: Padding | undefined;
}

export interface ConvTranspose2dOptions<T> extends Conv2dOptions<T> {
  /** [height, width]; a stride above 1 leaves several sizes to choose from. See `convTransposeSize` for the default. */
  readonly outputSize?: readonly [number, number] | undefined;
}

export interface ConvWeightGradientOptions extends ConvWindowOptions {
  /** [height, width] */
  readonly kernelSize: readonly [number, number];
}

export interface MaxPool2dOptions {
  /** 2 if absent. */
  readonly size?: number | undefined;
  /** `size` if absent. */
  readonly stride?: number | undefined;
}

export interface ReduceOptions {
  /** All axes if absent; a negative one counts from the end. */
  readonly axes?: readonly number[] | undefined;
  /** Keeps the reduced axes, with length 1. */
  readonly keepDims?: boolean | undefined;
}

export interface BatchNormInferenceOptions {
  readonly epsilon: number;
  readonly activation?: Activation | undefined;
}

export interface BatchNormOptions extends BatchNormInferenceOptions {
  /** Equal parts of the first axis, each normalised by its own statistics; 1 if absent. */
  readonly groups?: number | undefined;
}

export interface LayerNormOptions {
  readonly epsilon: number;
  readonly activation?: Activation | undefined;
}

export interface GroupNormOptions extends Omit<LayerNormOptions, 'epsilon'> {
  /** 1e-5 if absent. */
  readonly epsilon?: number | undefined;
  /** Groups of consecutive channels, each normalised by its own statistics. */
  readonly groups: number;
}

export interface MinibatchStddevOptions {
  /** Equal parts of the first axis, each with a deviation of its own; 1 if absent. */
  readonly groups?: number | undefined;
}

export interface AugmentOptions {
  /** Maximum shift of an image in rows and columns, to either side; 0 if absent. */
  readonly shift?: readonly [rows: number, columns: number] | undefined;
  /** Rows and columns of the hole; none if absent. */
  readonly hole?: readonly [rows: number, columns: number] | undefined;
  /** Value of pixels beyond the border and in the hole; 0 if absent. */
  readonly fill?: number | undefined;
}

/** Estimates of a weight's first singular vectors, both of length 1, which count as constants. */
export interface SingularVectorsOptions<T> {
  /** [units]: of the side of the outputs. */
  readonly u: T;
  /** [the other axes' size]: of the side of the inputs. */
  readonly v: T;
  /** The weight's axis of output units; the last if absent. A negative axis counts from the end. */
  readonly axis?: number | undefined;
}

export interface SpectralNormaliseOptions<T> extends SingularVectorsOptions<T> {
  /** uᵀ W v of this weight, a scalar, as the power iteration returns it. Computed if absent. */
  readonly sigma?: T | undefined;
}

/** Bias and activation that a product applies to its sums before it writes them. */
export interface Epilogue {
  readonly bias?: DeviceBuffer | undefined;
  readonly activation?: FusedActivation | undefined;
}
