/**
 * @file Caches uniform buffers by content: shapes do not change from step to step, so uniforms do not either.
 */

/** Immutable uniform buffers, one for each distinct content. */
export class UniformCache {
  private readonly buffers = new Map<string, GPUBuffer>();

  constructor(private readonly device: GPUDevice) {}

  /** Bytes held. */
  get bytes(): number {
    let total = 0;
    for (const buffer of this.buffers.values()) total += buffer.size;
    return total;
  }

  get(words: Uint32Array): GPUBuffer {
    const key = words.join(',');
    let buffer = this.buffers.get(key);
    if (buffer === undefined) {
      buffer = this.device.createBuffer({
        label: 'uniform',
        size: words.byteLength,
        usage: GPUBufferUsage.UNIFORM,
        mappedAtCreation: true,
      });
      new Uint32Array(buffer.getMappedRange()).set(words);
      buffer.unmap();
      this.buffers.set(key, buffer);
    }
    return buffer;
  }
}
