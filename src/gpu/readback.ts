/**
 * @file Reads buffers back, many in one copy, through staging buffers that are reused.
 */
import type { DeviceBuffer } from './memory/buffers.js';
import { DeviceLostError, GpuError } from './errors.js';

/** A buffer to read, its memory looked up. */
interface Source {
  readonly memory: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Copies device buffers to the host, asynchronously and in bulk. */
export class Readback {
  /** Free staging buffers by size, a power of two: few sizes, whatever is read. */
  private readonly idle = new Map<number, GPUBuffer[]>();

  constructor(private readonly device: GPUDevice) {}

  /**
   * @returns the bytes of each buffer as they are once all work submitted before has run.
   * @throws DeviceLostError when the device is gone.
   */
  async read(buffers: readonly DeviceBuffer[]): Promise<ArrayBuffer[]> {
    // All copies are submitted before anything is awaited, so that they show one moment.
    const sources = buffers.map(({ memory, offset, size }) => ({ memory, offset, size }));
    const parts = await Promise.all(this.split(sources).map((part) => this.copy(part)));
    return parts.flat();
  }

  /** Groups what fits into one staging buffer. */
  private split(sources: readonly Source[]): Source[][] {
    const groups: Source[][] = [];
    let room = 0;
    for (const source of sources) {
      const group = groups.at(-1);
      if (group === undefined || source.size > room) {
        groups.push([source]);
        room = this.device.limits.maxBufferSize - source.size;
      } else {
        group.push(source);
        room -= source.size;
      }
    }
    return groups;
  }

  private async copy(sources: readonly Source[]): Promise<ArrayBuffer[]> {
    const total = sources.reduce((sum, source) => sum + source.size, 0);
    const staging = this.acquire(total);
    const encoder = this.device.createCommandEncoder();
    let end = 0;
    for (const { memory, offset, size } of sources) {
      encoder.copyBufferToBuffer(memory, offset, staging, end, size);
      end += size;
    }
    this.device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, total);
    } catch (error) {
      staging.destroy();
      const detail = error instanceof Error ? error.message : String(error);
      if (error instanceof Error && error.name === 'OperationError') throw new GpuError(`read-back failed: ${detail}`);
      throw new DeviceLostError('read-back failed', detail);
    }
    const bytes = staging.getMappedRange(0, total);
    end = 0;
    const copies = sources.map(({ size }) => {
      const copy = bytes.slice(end, end + size);
      end += size;
      return copy;
    });
    staging.unmap();
    this.idle.set(staging.size, [...(this.idle.get(staging.size) ?? []), staging]);
    return copies;
  }

  private acquire(total: number): GPUBuffer {
    const size = Math.min(2 ** Math.ceil(Math.log2(total)), this.device.limits.maxBufferSize);
    return (
      this.idle.get(size)?.pop() ??
      this.device.createBuffer({ label: 'staging', size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
    );
  }
}
