/**
 * @file What is made of a buffer's content by one operation and needed by another as well, such as an image's windows for a
 * convolution and for its weight gradient: made once in a recorded step.
 */
import type { DeviceBuffer } from '../memory/buffers.js';
import type { DeviceMemory } from '../memory/textures.js';

/** Of one recording. */
export class DerivedCache<T extends DeviceMemory> {
  private readonly known = new Map<DeviceBuffer, Map<string, T>>();

  constructor(private readonly isRecording: () => boolean) {}

  /**
   * What `make` makes of the buffer, which `what` describes. It is remembered for a virtual buffer of the recording, whose
   * content does not change once it was read; what has memory may be written at any time, so it is made anew.
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
