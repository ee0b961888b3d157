/**
 * @file Declares the part of jax-js in use, so that bench/peers is type-checked without the package.
 *
 * Arrays have owners: a function consumes its arguments, and `x.ref` allows one more use.
 */

export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: number[];
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

export type JaxTree = JaxArray | readonly JaxTree[] | { readonly [name: string]: JaxTree };

/** A function together with what it holds; the holder disposes of it. */
export type Owned<F> = F & { dispose(): void };

type Padding = 'SAME' | 'VALID';

export interface Jax {
  init(device: 'webgpu'): Promise<string[]>;
  defaultDevice(device: 'webgpu'): void;
  getWebGPUDevice(): GPUDevice;
  blockUntilReady(tree: JaxTree): Promise<unknown>;
  jit<A extends readonly JaxTree[], R extends JaxTree>(f: (...inputs: A) => R): Owned<(...inputs: A) => R>;
  vjp<A extends readonly JaxTree[]>(
    f: (...inputs: A) => JaxArray,
    primals: A,
  ): readonly [JaxArray, Owned<(gradient: JaxArray) => A>];
  valueAndGrad<T extends JaxTree>(f: (input: T) => JaxArray): (input: T) => readonly [JaxArray, T];
  readonly numpy: {
    array(values: Float32Array, options: { shape: readonly number[] }): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axes?: readonly number[], options?: { keepdims: boolean }): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
    tanh(x: JaxArray): JaxArray;
    negative(x: JaxArray): JaxArray;
  };
  readonly nn: {
    relu(x: JaxArray): JaxArray;
    leakyRelu(x: JaxArray, slope: number): JaxArray;
    softplus(x: JaxArray): JaxArray;
  };
  readonly lax: {
    conv(x: JaxArray, w: JaxArray, strides: number[], padding: Padding): JaxArray;
    convTranspose(
      x: JaxArray,
      w: JaxArray,
      strides: number[],
      padding: Padding,
      options: { transposeKernel: boolean },
    ): JaxArray;
    stopGradient(x: JaxArray): JaxArray;
  };
}
