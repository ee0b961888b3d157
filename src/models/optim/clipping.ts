/**
 * @file Weights kept within a box, as the first WGAN holds its critic to a Lipschitz constant.
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { packIntoFlatBuffer } from '../../gpu/memory/flatBuffers.js';
import { clip } from '../../kernels/optimisers.js';

/** Clips all parameters of a network, in one dispatch where they lie in one memory or can be moved into one. */
export class WeightClipping {
  private readonly buffers: readonly DeviceBuffer[];

  /** @param limit the largest absolute value of a weight */
  constructor(
    private readonly device: Device,
    parameters: readonly Tensor[],
    readonly limit: number,
  ) {
    const buffers = parameters.map(({ buffer }) => buffer);
    const whole = packIntoFlatBuffer(device, buffers);
    this.buffers = whole === undefined ? buffers : [whole];
  }

  /** Clips in place. */
  apply(): void {
    for (const buffer of this.buffers) clip(this.device, buffer, buffer.size / 4, this.limit);
  }
}
