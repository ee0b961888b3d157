/**
 * @file Defines the tasks of all peers as plain data, which can be sent between processes: shapes, and inputs by seed.
 */
import { noise } from '../../src/kernels/gemm/noise.js';
import { convGeometry } from '../../src/kernels/conv/geometry.js';

export const BATCH = 32;
export const STRIDE = 2;
export const EPSILON = 1e-5;

/** transpose(a) × transpose(b), each as asked for; the sizes are those after transposition. */
export interface MatmulTask {
  readonly kind: 'matmul';
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * The maps of a convolution y = x ∗ w with 'same' padding, x [images, size, size, channels] and
 * w [kernel, kernel, channels, filters]: `conv2d` makes y of x and w, `convTranspose2d` x of y and w, and
 * `convWeightGradient` w of x and y.
 */
export interface ConvTask {
  readonly kind: 'conv2d' | 'convTranspose2d' | 'convWeightGradient';
  readonly images: number;
  /** Height and width of x; those of y are {@link outputSize}. */
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
}

/** Training-mode batch normalisation and ReLU of [images, size, size, channels]: y, or with `backward` dx, dγ and dβ. */
export interface BatchNormTask {
  readonly kind: 'batchNorm';
  readonly images: number;
  readonly size: number;
  readonly channels: number;
  readonly backward: boolean;
}

/** A whole training step of a GAN, z 100. */
export interface GanTask {
  readonly kind: 'gan';
  readonly architecture: 'dcgan' | 'article';
  /** Height and width of the kernels; the article's are 5 × 5. */
  readonly kernel: 4 | 5;
  /** Scales all channel counts. */
  readonly width: 1 | 0.25;
}

export type Task = MatmulTask | ConvTask | BatchNormTask | GanTask;

export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What the engine drew in a step. */
export interface StepDraws {
  /** [count, Z_DIM] of each batch of generated images, in order of use. */
  readonly z: readonly Float32Array[];
  /** [count, units] of each pass through the discriminator's dropout, in order of use: 0, or 1 / (1 − rate). */
  readonly masks: readonly Float32Array[];
}

/** What the engine's own first steps of training started from and came to, for the peers to repeat. */
export interface GanReference {
  readonly weights: readonly NamedArray[];
  /** [BATCH, 28, 28, 1], of which the article's step uses the first half. */
  readonly images: Float32Array;
  /** Of each checked step. */
  readonly draws: readonly StepDraws[];
  /** For each checked step the discriminator's loss (the mean of that on real and on generated images), then the generator's. */
  readonly losses: Float32Array;
}

export function outputSize({ size, kernel }: ConvTask): number {
  return convGeometry({
    height: size,
    width: size,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride: STRIDE,
    padding: 'same',
  }).outputHeight;
}

export function shapesOf(task: ConvTask): Readonly<Record<'x' | 'w' | 'y', readonly [number, number, number, number]>> {
  const { images, size, channels, filters, kernel } = task;
  const small = outputSize(task);
  return {
    x: [images, size, size, channels],
    w: [kernel, kernel, channels, filters],
    y: [images, small, small, filters],
  };
}

/** The two factors of a convolution's map and its result, in this order. */
export function convOperands({ kind }: ConvTask): readonly ['x' | 'w' | 'y', 'x' | 'w' | 'y', 'x' | 'w' | 'y'] {
  if (kind === 'conv2d') return ['x', 'w', 'y'];
  return kind === 'convTranspose2d' ? ['y', 'w', 'x'] : ['x', 'y', 'w'];
}

/** The shapes of a task's inputs: of both factors, or of x, γ, β and dy. */
export function inputShapes(task: Exclude<Task, GanTask>): readonly (readonly number[])[] {
  if (task.kind === 'matmul') {
    const { rows, inner, columns, transposeA, transposeB } = task;
    return [transposeA ? [inner, rows] : [rows, inner], transposeB ? [columns, inner] : [inner, columns]];
  }
  if (task.kind === 'batchNorm') {
    const { images, size, channels } = task;
    const image = [images, size, size, channels];
    return [image, [channels], [channels], image];
  }
  const shapes = shapesOf(task);
  const [a, b] = convOperands(task);
  return [shapes[a], shapes[b]];
}

/** Uniform in [−1, 1), the same in every process. */
export function inputsOf(task: Exclude<Task, GanTask>): Float32Array[] {
  return inputShapes(task).map((shape, index) => noise(sizeOf(shape), index + 1));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
