/**
 * @file Doubling of NHWC images by nearest neighbour, and its adjoint.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { linearWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { checkOperand, describeShape } from './shape/strides.js';

/** [N, H, W, C] → [N, 2H, 2W, C]. */
export function upsample2x(device: Device, x: DeviceBuffer, shape: readonly number[]): DeviceBuffer {
  const op = 'upsample2x';
  checkOperand(op, 'x', x, shape);
  const [images, height, width, channels] = imageLengths(op, shape);
  const count = images * height * width * channels * 4;
  const vector = channels % 4 === 0;
  const owners = vector ? count / 16 : Math.ceil(count / 4);
  const y = device.allocate(count * 4, op);
  device.dispatch({
    kernel: { name: op, files: ['common/linear.wgsl', 'upsample/double.wgsl'], constants: { VECTOR: vector } },
    buffers: [x, y],
    params: { count: owners, values: count, width, channels },
    workgroups: linearWorkgroups(owners),
  });
  return y;
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
  const y = device.allocate(count * 4, op);
  device.dispatch({
    kernel: {
      name: op,
      files: ['common/quads.wgsl', 'common/load.wgsl', 'upsample/sumBlocks.wgsl'],
      constants: { VECTOR: channels % 4 === 0 },
    },
    buffers: [x, y],
    params: { count, width: width / 2, channels },
    workgroups: linearWorkgroups(Math.ceil(count / 4)),
  });
  return y;
}

function imageLengths(op: string, shape: readonly number[]): readonly [number, number, number, number] {
  const [images, height, width, channels] = shape;
  if (
    images === undefined ||
    height === undefined ||
    width === undefined ||
    channels === undefined ||
    shape.length > 4
  ) {
    throw new Error(`${op}: got x ${describeShape(shape)}; it takes x [N, H, W, C]`);
  }
  return [images, height, width, channels];
}
