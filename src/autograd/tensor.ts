/**
 * @file Defines the tensor: a shape over a GPU buffer, and its place on the tape.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { sizeOf } from '../kernels/shape/strides.js';
import type { Engine } from './engine.js';
import type { TensorMethods } from './ops/methods.js';

/** How a tensor was computed, and how its gradient passes on. */
export interface Node {
  /** Name of the operation, for error messages. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /**
   * Vector-Jacobian product: maps the gradient by the output to the gradients by the inputs, in differentiable operations.
   * `wanted[i]` says whether the gradient by input i is needed; undefined stands for zero.
   */
  readonly vjp: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
}

/** Options of a new tensor. */
export interface TensorOptions {
  readonly name?: string | undefined;
  /** Whether gradients by this tensor may be taken. If absent: whether it was computed from such tensors. */
  readonly requiresGrad?: boolean | undefined;
  readonly node?: Node | undefined;
}

/** All operations on a tensor, as its methods; ops/methods.ts installs them. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface Tensor extends TensorMethods {}

/** @throws Error for a shape with a length that is not an integer of at least 1 */
export function checkShape(shape: readonly number[]): void {
  if (shape.every((length) => Number.isInteger(length) && length >= 1)) return;
  throw new Error(`tensor: got the shape [${shape.join(', ')}]; it takes lengths that are integers of at least 1`);
}

/** A float32 array on the GPU, row-major and contiguous. Its buffer belongs to the scope in which it was allocated. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class Tensor {
  /** Number of values. */
  readonly size: number;
  readonly name: string | undefined;
  readonly node: Node | undefined;
  readonly requiresGrad: boolean;

  /** @throws Error for a shape with a length that is not an integer of at least 1 */
  constructor(
    readonly engine: Engine,
    readonly shape: readonly number[],
    readonly buffer: DeviceBuffer,
    options: TensorOptions = {},
  ) {
    checkShape(shape);
    this.size = sizeOf(shape);
    this.name = options.name;
    this.node = options.node;
    this.requiresGrad = options.requiresGrad ?? options.node !== undefined;
  }

  /** The same values as a constant: no gradient passes. */
  detach(): Tensor {
    return new Tensor(this.engine, this.shape, this.buffer, { name: this.name, requiresGrad: false });
  }

  /** Reads the values back. @throws a pending error of the device */
  async data(): Promise<Float32Array> {
    const [bytes] = await this.engine.device.read(this.buffer);
    return new Float32Array(bytes ?? new ArrayBuffer(0), 0, this.size);
  }

  /** Overwrites the values from the host. @throws Error for another number of values */
  write(values: Float32Array): void {
    if (values.length !== this.size) {
      throw new Error(`${this.toString()}: got ${values.length} values; it takes ${this.size}`);
    }
    this.engine.device.write(this.buffer, values);
  }

  /** Returns the memory to the pool. */
  free(): void {
    this.engine.device.free(this.buffer);
  }

  toString(): string {
    return `${this.name ?? this.node?.op ?? 'tensor'} [${this.shape.join(', ')}]`;
  }
}
