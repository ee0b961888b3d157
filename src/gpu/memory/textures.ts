/**
 * @file Textures that hold an array's numbers, four to a texel, row after row. Some devices read a storage texture faster than a storage
 * buffer: on lavapipe a `vec4f` costs a third of the instructions, as no component is tested against the buffer's end.
 */
import type { DeviceBuffer } from './buffers.js';
import { GpuError } from '../errors.js';

/** Texels of a row that hold numbers: texel i lies at (i % TEXEL_ROW, i / TEXEL_ROW). Known to `shaders/gemm/`. */
export const TEXEL_ROW = 1024;

/** A row of 2ⁿ bytes would put the texels of one column into the same few cache sets; one cache line more spreads them. */
const ROW_PADDING = 4;

const TEXEL_BYTES = 16;

/** A handle on a texture, virtual while a plan is being recorded, as {@link DeviceBuffer} is on a buffer. */
export class DeviceTexture {
  readonly rows: number;
  physical: GPUTexture | undefined;
  /** Texels are never a part of others, as buffers can be. */
  readonly whole = undefined;

  /** @param texels how many it holds at least. */
  constructor(
    texels: number,
    readonly label: string,
  ) {
    this.rows = Math.max(1, Math.ceil(texels / TEXEL_ROW));
  }

  /** Bytes. */
  get size(): number {
    return texelBytes(this.rows);
  }

  /** @throws GpuError when the memory was given back or not assigned yet. */
  get memory(): GPUTexture {
    if (this.physical === undefined) {
      throw new GpuError(`texels ${this.label} have no memory: they were freed, or belong to a plan that never ran`);
    }
    return this.physical;
  }

  /** What is bound. @throws GpuError as {@link memory} does */
  get resource(): GPUTextureView {
    return this.memory.createView();
  }

  /** Gives it memory, or takes it. */
  place(memory: GPUTexture | undefined): void {
    this.physical = memory;
  }
}

/** Memory that kernels bind: a buffer or a texture. */
export type DeviceMemory = DeviceBuffer | DeviceTexture;

/** Bytes of a texture of `rows` rows. */
export function texelBytes(rows: number): number {
  return rows * (TEXEL_ROW + ROW_PADDING) * TEXEL_BYTES;
}

/** The descriptor of a texture of `rows` rows. */
export function textureDescriptor(rows: number, label: string): GPUTextureDescriptor {
  return {
    label,
    size: [TEXEL_ROW + ROW_PADDING, rows],
    format: 'rgba32float',
    usage: GPUTextureUsage.STORAGE_BINDING,
  };
}
