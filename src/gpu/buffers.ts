/**
 * @file Buffers and their owners. A buffer belongs to the scope in which it was allocated (or to a recording, or to
 * nobody but its holder); when the scope ends its buffers go back to the pool, which hands them out again by size.
 */
import { GpuError, OutOfMemoryError } from './errors.js';

/** Shaders read storage buffers as `array<vec4f>`, so every buffer holds a whole number of 16-byte words. */
const GRANULE = 16;

/** @returns the size that a buffer for `bytes` bytes really has. */
export function paddedSize(bytes: number): number {
  return Math.max(GRANULE, Math.ceil(bytes / GRANULE) * GRANULE);
}

/**
 * A handle on GPU memory. While a plan is being recorded the handle is virtual: `physical` is set when the plan's
 * lifetimes are known and memory is assigned.
 */
export class DeviceBuffer {
  /** Bytes, a multiple of 16. */
  readonly size: number;
  physical: GPUBuffer | undefined;

  constructor(
    bytes: number,
    readonly label: string,
  ) {
    this.size = paddedSize(bytes);
  }

  /** @throws GpuError when the memory was given back or not assigned yet. */
  get memory(): GPUBuffer {
    if (this.physical === undefined) {
      throw new GpuError(`buffer ${this.label} has no memory: it was freed, or belongs to a plan that never ran`);
    }
    return this.physical;
  }
}

/** Free buffers by size. `bytes` is all that the pool ever created and has not destroyed: flat after warm-up. */
export class BufferPool {
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly all = new Set<GPUBuffer>();
  private total = 0;
  private highest = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly report: (error: Promise<Error | undefined>) => void,
  ) {}

  /** Bytes held now, in use or free. */
  get bytes(): number {
    return this.total;
  }

  /** Most bytes ever held. */
  get peakBytes(): number {
    return this.highest;
  }

  /** Buffers held now, in use or free. */
  get count(): number {
    return this.all.size;
  }

  acquire(size: number, label: string): GPUBuffer {
    const reused = this.free.get(size)?.pop();
    return reused ?? this.create(size, label);
  }

  release(buffer: GPUBuffer): void {
    const list = this.free.get(buffer.size);
    if (list === undefined) this.free.set(buffer.size, [buffer]);
    else list.push(buffer);
  }

  /** Gives memory back to the driver. The work that uses the buffer must have been submitted. */
  destroy(buffer: GPUBuffer): void {
    if (!this.all.delete(buffer)) return;
    this.total -= buffer.size;
    buffer.destroy();
  }

  /** Destroys the free buffers. */
  trim(): void {
    for (const list of this.free.values()) for (const buffer of list) this.destroy(buffer);
    this.free.clear();
  }

  private create(size: number, label: string): GPUBuffer {
    const limit = Math.min(this.device.limits.maxBufferSize, this.device.limits.maxStorageBufferBindingSize);
    if (size > limit) {
      throw new OutOfMemoryError(label, size, `one buffer holds at most ${limit.toString()} bytes on this device`);
    }
    this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    this.report(
      this.device.popErrorScope().then((error) => {
        return error === null ? undefined : new OutOfMemoryError(label, size, error.message);
      }),
    );
    this.all.add(buffer);
    this.total += size;
    this.highest = Math.max(this.highest, this.total);
    return buffer;
  }
}
