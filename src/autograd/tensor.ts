/**
 * @file The tensor: a shape over a buffer on the GPU, and its place on the tape.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { sizeOf } from '../kernels/shape/strides.js';
import type { Engine } from './engine.js';

/** How a tensor came about: what its gradient is passed on to. */
export interface Node {
  /** The operation, for errors. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /**
   * Vector-Jacobian product: the gradient by the output → the gradients by the inputs, in differentiable operations.
   * `wanted[i]` tells whether input i's is needed; undefined stands for zero.
   */
  readonly vjp: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
}

export interface TensorOptions {
  readonly name?: string | undefined;
  /** Gradients by this tensor are asked for: it is a parameter, or an input that is differentiated by. */
  readonly requiresGrad?: boolean | undefined;
  readonly node?: Node | undefined;
}

/** A float32 array on the GPU, row-major and contiguous. Its buffer belongs to the scope that it was made in. */
export class Tensor {
  readonly size: number;
  readonly name: string | undefined;
  readonly node: Node | undefined;
  readonly requiresGrad: boolean;

  constructor(
    readonly engine: Engine,
    readonly shape: readonly number[],
    readonly buffer: DeviceBuffer,
    options: TensorOptions = {},
  ) {
    this.size = sizeOf(shape);
    this.name = options.name;
    this.node = options.node;
    this.requiresGrad = options.requiresGrad ?? options.node !== undefined;
    if (!shape.every((length) => Number.isInteger(length) && length >= 1)) {
      throw new Error(`a tensor's lengths are integers of at least 1; got [${shape.join(', ')}]`);
    }
  }

  /** The same values, as a constant: no gradient passes. */
  detach(): Tensor {
    return new Tensor(this.engine, this.shape, this.buffer, { name: this.name, requiresGrad: false });
  }

  /** Reads the values back. @throws the device's error, if it had one. */
  async data(): Promise<Float32Array> {
    const [bytes] = await this.engine.device.read(this.buffer);
    return new Float32Array(bytes ?? new ArrayBuffer(0), 0, this.size);
  }

  /** Overwrites the values from the host. */
  write(values: Float32Array): void {
    if (values.length !== this.size) {
      throw new Error(`${this.name ?? 'tensor'} [${this.shape.join(', ')}]: got ${values.length} values`);
    }
    this.engine.device.write(this.buffer, values);
  }

  /** Gives the memory back. */
  free(): void {
    this.engine.device.free(this.buffer);
  }

  toString(): string {
    return `${this.name ?? this.node?.op ?? 'tensor'} [${this.shape.join(', ')}]`;
  }
}
