/**
 * @file Buffers and the pool that reuses them by size. A buffer belongs to the scope or recording in which it was allocated, or
 * else to the caller; when a scope ends, its buffers return to the pool.
 */
import { formatBytes, GpuError, OutOfMemoryError } from '../errors.js';
import { DeviceTexture, texelBytes, textureDescriptor, type DeviceMemory } from './textures.js';

/** Bytes that the host can still give; undefined where it does not say. */
export type FreeMemory = () => number | undefined;

/**
 * Bytes of host memory that a software device uses for each byte of its buffers and textures. Measured on llvmpipe: 2.8 GiB
 * for a step of 1.9 GiB, of which 0.4 GiB are the process's own, and over 22.6 GiB for one of 17.3 GiB.
 */
export const HOST_BYTES = 1.35;

/** Shaders read storage buffers as `array<vec4f>`, so every buffer holds a whole number of 16-byte words. */
const GRANULE = 16;

/** @returns the size that a buffer for `bytes` bytes really has. */
export function paddedSize(bytes: number): number {
  return Math.max(GRANULE, Math.ceil(bytes / GRANULE) * GRANULE);
}

/**
 * A handle on GPU memory. While a plan is being recorded the handle is virtual: `physical` is set when the plan's
 * lifetimes are known and memory is assigned. Several buffers can be the parts of a whole, see flatBuffers.ts.
 */
export class DeviceBuffer {
  /** Bytes, a multiple of 16. */
  readonly size: number;
  physical: GPUBuffer | undefined;
  private hadMemory = false;
  /** Offset in `physical`, in bytes. */
  offset = 0;
  /** The flat buffer that this is a part of. */
  whole: DeviceBuffer | undefined;
  /** The parts of this flat buffer. */
  parts: readonly DeviceBuffer[] = [];

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

  /** Whether its memory was given back. */
  get isFreed(): boolean {
    return this.hadMemory && this.physical === undefined;
  }

  /** @throws GpuError when its memory was given back */
  refuseFreed(): void {
    if (this.isFreed) throw new GpuError(`buffer ${this.label} has no memory: it was freed`);
  }

  /** What is bound. @throws GpuError as {@link memory} does */
  get resource(): GPUBufferBinding {
    return { buffer: this.memory, offset: this.offset, size: this.size };
  }

  /** Gives it and its parts memory, or takes it. */
  place(memory: GPUBuffer | undefined): void {
    for (const buffer of [this, ...this.parts]) {
      buffer.hadMemory ||= buffer.physical !== undefined;
      buffer.physical = memory;
    }
  }

  /** Takes the memory, of a whole from its parts too. @returns what is free now: nothing while another part needs it */
  vacate(): GPUBuffer | undefined {
    const memory = this.physical;
    this.place(undefined);
    if (this.whole === undefined) return memory;
    return this.whole.parts.some((part) => part.physical !== undefined) ? undefined : this.whole.vacate();
  }
}

/**
 * Free buffers by size, and free textures of texels by rows. `bytes` is all that the pool ever created and has not
 * destroyed: flat after warm-up.
 */
export class BufferPool {
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly freeTextures = new Map<number, GPUTexture[]>();
  private readonly all = new Set<GPUBuffer | GPUTexture>();
  private total = 0;
  private highest = 0;
  /** Bytes that the pool may hold: the most that the host has had free when it was asked. */
  private room = 0;

  /** @param hostMemory of a software device, whose memory is the host's */
  constructor(
    private readonly device: GPUDevice,
    private readonly report: (error: Promise<Error | undefined>) => void,
    private readonly hostMemory?: FreeMemory,
  ) {
    this.room = hostMemory?.() ?? Infinity;
  }

  /** Bytes held now, in use or free. */
  get bytes(): number {
    return this.total;
  }

  /** Most bytes ever held. */
  get peakBytes(): number {
    return this.highest;
  }

  /** The most bytes that one buffer holds. */
  get limit(): number {
    return Math.min(this.device.limits.maxBufferSize, this.device.limits.maxStorageBufferBindingSize);
  }

  /** Buffers and textures held now, in use or free. */
  get count(): number {
    return this.all.size;
  }

  /** @throws OutOfMemoryError naming what is too large for one buffer or texture, and the limit. */
  check(memory: DeviceMemory): void {
    if (memory instanceof DeviceTexture) this.checkRows(memory.rows, memory.label);
    else this.checkSize(memory.size, memory.label);
  }

  /**
   * Refuses more than the host's free memory. A driver may grant it all the same, and the system then ends the process on
   * the first write.
   *
   * @param bytes to be created
   * @throws OutOfMemoryError with both numbers
   */
  checkRoom(bytes: number, label: string): void {
    const free = this.hostMemory?.();
    const taken = bytes * HOST_BYTES;
    if (free === undefined || taken <= free) return;
    const detail =
      `on a software device that is the machine's memory: ` +
      `it takes about ${formatBytes(taken)}, and ${formatBytes(free)} are free`;
    throw new OutOfMemoryError(label, bytes, detail);
  }

  /** Of slots of a plan: the bytes that must be created, beyond what is free here. */
  missingBytes(slots: readonly { readonly size: number; readonly rows: number | undefined }[]): number {
    const left = new Map<string, number>();
    let bytes = 0;
    for (const { size, rows } of slots) {
      const key = `${size}/${rows ?? ''}`;
      const list = rows === undefined ? this.free.get(size) : this.freeTextures.get(rows);
      const free = left.get(key) ?? list?.length ?? 0;
      left.set(key, free - 1);
      if (free <= 0) bytes += size;
    }
    return bytes;
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

  /** A texture of `rows` rows of texels. */
  acquireTexture(rows: number, label: string): GPUTexture {
    const reused = this.freeTextures.get(rows)?.pop();
    if (reused !== undefined) return reused;
    this.checkRows(rows, label);
    const size = texelBytes(rows);
    this.makeRoom(size, label);
    const texture = this.watched(label, size, () => this.device.createTexture(textureDescriptor(rows, label)));
    this.add(texture, size);
    return texture;
  }

  releaseTexture(texture: GPUTexture): void {
    const list = this.freeTextures.get(texture.height);
    if (list === undefined) this.freeTextures.set(texture.height, [texture]);
    else list.push(texture);
  }

  /** Gives memory back to the driver. The work that uses it must have been submitted. */
  destroy(memory: GPUBuffer | GPUTexture): void {
    if (!this.all.delete(memory)) return;
    this.total -= 'height' in memory ? texelBytes(memory.height) : memory.size;
    memory.destroy();
  }

  /** Destroys what is free. */
  trim(): void {
    for (const list of [...this.free.values(), ...this.freeTextures.values()]) {
      for (const memory of list) this.destroy(memory);
    }
    this.free.clear();
    this.freeTextures.clear();
  }

  private create(size: number, label: string): GPUBuffer {
    this.checkSize(size, label);
    this.makeRoom(size, label);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = this.watched(label, size, () => this.device.createBuffer({ label, size, usage }));
    this.add(buffer, size);
    return buffer;
  }

  private checkSize(size: number, label: string): void {
    if (size <= this.limit) return;
    throw new OutOfMemoryError(label, size, `one buffer holds at most ${this.limit.toString()} bytes on this device`);
  }

  private checkRows(rows: number, label: string): void {
    const most = this.device.limits.maxTextureDimension2D;
    if (rows <= most) return;
    throw new OutOfMemoryError(label, texelBytes(rows), `a texture has at most ${most} rows on this device`);
  }

  /**
   * The host is asked again only when the pool would grow beyond what it once had. What it has free now is no guide alone:
   * memory is taken from it when it is first written.
   */
  private makeRoom(size: number, label: string): void {
    const taken = (this.total + size) * HOST_BYTES;
    if (taken <= this.room) return;
    this.room = Math.max(this.room, this.hostMemory?.() ?? Infinity);
    if (taken <= this.room) return;
    const detail =
      `on a software device that is the machine's memory: ` +
      `all buffers then take about ${formatBytes(taken)}, and ${formatBytes(this.room)} were free`;
    throw new OutOfMemoryError(label, size, detail);
  }

  /** What `make` returns; that there was no memory for it is reported later. */
  private watched<T>(label: string, size: number, make: () => T): T {
    this.device.pushErrorScope('out-of-memory');
    const memory = make();
    this.report(
      this.device.popErrorScope().then((error) => {
        return error === null ? undefined : new OutOfMemoryError(label, size, error.message);
      }),
    );
    return memory;
  }

  private add(memory: GPUBuffer | GPUTexture, size: number): void {
    this.all.add(memory);
    this.total += size;
    this.highest = Math.max(this.highest, this.total);
  }
}
