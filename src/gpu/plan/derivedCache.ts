/**
 * @file Caches data derived from a buffer within a recorded step, such as an image's windows, which a convolution and its
 * weight gradient both read.
 */
import type { DeviceBuffer } from '../memory/buffers.js';
import type { DeviceMemory } from '../memory/textures.js';

/** The cache of one recording. */
export class DerivedCache<T extends DeviceMemory> {
  private readonly known = new Map<DeviceBuffer, Map<string, T>>();

  constructor(private readonly isRecording: () => boolean) {}

  /**
   * Returns the cached result of `make` for this buffer and key, or calls it. Only virtual buffers of a recording are cached:
   * their content does not change once it was read. A buffer that has memory may be written at any time.
   */
  of(buffer: DeviceBuffer, what: string, make: () => T): T {
    if (!this.isRecording() || buffer.physical !== undefined) return make();
    let all = this.known.get(buffer);
    if (all === undefined) this.known.set(buffer, (all = new Map<string, T>()));
    let made = all.get(what);
    if (made === undefined) all.set(what, (made = make()));
    return made;
  }

  clear(): void {
    this.known.clear();
  }
}
