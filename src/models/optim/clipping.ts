/**
 * @file Clips weights to [−limit, limit], the Lipschitz constraint of the first WGAN (Arjovsky et al. 2017,
 * https://arxiv.org/abs/1701.07875).
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { packIntoFlatBuffer } from '../../gpu/memory/flatBuffers.js';
import { clip } from '../../kernels/optimisers.js';

/** Clips all parameters of a network, in one dispatch if they can be packed into one flat buffer. */
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
