/**
 * @file Doubling of NHWC images by nearest neighbour, and its adjoint.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
import { checkOperand, describeShape, imageLengths } from './shape/strides.js';

/** [N, H, W, C] → [N, 2H, 2W, C]. */
export function upsample2x(device: Device, x: DeviceBuffer, shape: readonly number[]): DeviceBuffer {
  const op = 'upsample2x';
  checkOperand(op, 'x', x, shape);
  const [images, height, width, channels] = imageLengths(op, shape);
  const count = images * height * width * channels * 4;
  const vector = channels % 4 === 0;
  const owners = vector ? count / 16 : Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: ['common/linear.wgsl', 'upsample/double.wgsl'], constants: { VECTOR: vector } },
    inputs: [x],
    values: count,
    params: { count: owners, values: count, width, channels },
    workgroups: device.linearWorkgroups(owners),
  });
}

/**
 * The sum over each 2 × 2 block: [N, H, W, C] → [N, H / 2, W / 2, C].
 *
 * @param shape of x; height and width are even.
 */
export function downsampleSum2x(device: Device, x: DeviceBuffer, shape: readonly number[]): DeviceBuffer {
  const op = 'downsampleSum2x';
  checkOperand(op, 'x', x, shape);
  const [images, height, width, channels] = imageLengths(op, shape);
  if (height % 2 !== 0 || width % 2 !== 0) {
    throw new Error(`${op}: got x ${describeShape(shape)}; it takes an even height and width`);
  }
  const count = (images * height * width * channels) / 4;
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/quads.wgsl', 'common/load.wgsl', 'upsample/sumBlocks.wgsl'],
      constants: { VECTOR: channels % 4 === 0 },
    },
    inputs: [x],
    values: count,
    params: { count, width: width / 2, channels },
    workgroups: device.linearWorkgroups(Math.ceil(count / 4)),
  });
}
