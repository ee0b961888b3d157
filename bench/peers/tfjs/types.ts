/**
 * @file Declares the part of tfjs 4 in use, so that bench/peers is type-checked without the packages.
 */

export interface Tensor {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface Variable extends Tensor {
  readonly trainable: boolean;
  assign(value: Tensor): void;
}

type Shape = readonly number[];

export interface TensorInfo {
  readonly shape: number[];
}

export interface KernelCall {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

export interface Adam {
  applyGradients(gradients: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}

export interface Tfjs {
  readonly train: {
    adam(learningRate: number, beta1: number, beta2: number, epsilon: number): Adam;
  };
  registerBackend(name: string, factory: () => unknown, priority: number): boolean;
  removeBackend(name: string): void;
  registerKernel(config: { kernelName: string; backendName: string; kernelFunc: (call: KernelCall) => Tensor }): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  engine(): { runKernel(name: string, inputs: object, attributes: object): Tensor };
  tidy<T>(body: () => T): T;
  keep(tensor: Tensor): Tensor;
  dispose(tensors: unknown): void;
  tensor(values: ArrayLike<number>, shape: Shape): Tensor;
  zeros(shape: Shape): Tensor;
  ones(shape: Shape): Tensor;
  variable(initial: Tensor, trainable: boolean, name: string): Variable;
  clone(x: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor | number): Tensor;
  neg(x: Tensor): Tensor;
  mean(x: Tensor): Tensor;
  relu(x: Tensor): Tensor;
  leakyRelu(x: Tensor, slope: number): Tensor;
  softplus(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  transpose(x: Tensor, axes: Shape): Tensor;
  pad(x: Tensor, padding: readonly (readonly [number, number])[]): Tensor;
  slice(x: Tensor, begin: Shape, size: Shape): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  moments(x: Tensor, axes: Shape): { readonly mean: Tensor; readonly variance: Tensor };
  batchNorm(x: Tensor, mean: Tensor, variance: Tensor, beta: Tensor, gamma: Tensor, epsilon: number): Tensor;
  conv2d(
    x: Tensor,
    w: Tensor,
    strides: number,
    padding: 'same' | 'valid',
    dataFormat?: 'NHWC',
    dilations?: number,
  ): Tensor;
  conv2dTranspose(x: Tensor, w: Tensor, outputShape: Shape, strides: number, padding: 'same' | 'valid'): Tensor;
  readonly image: { resizeNearestNeighbor(x: Tensor, size: readonly [number, number]): Tensor };
  grads(f: (x: Tensor, gamma: Tensor, beta: Tensor) => Tensor): (inputs: Tensor[], dy: Tensor) => Tensor[];
  variableGrads(
    f: () => Tensor,
    variables: Variable[],
  ): { readonly value: Tensor; readonly grads: Readonly<Record<string, Tensor>> };
}

/** Waits until the device has done all that was given to it. */
export type Synchronise = () => Promise<void>;

/** The backend's class, which takes a device that is open already. */
export interface TfjsWebGpu {
  readonly WebGPUBackend: new (
    device: GPUDevice,
    info: GPUAdapterInfo,
  ) => {
    /** What is not submitted yet; null where there is nothing. */
    readonly commandEncoder: GPUCommandEncoder | null;
    endComputePassEncoder(): void;
    submitQueue(): void;
  };
}
