/**
 * @file Images moved and cut at random places, NHWC, and the adjoint of it.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
import type { AugmentOptions } from './options.js';
import { checkOperand, describeShape, imageLengths, sizeOf } from './shape/strides.js';

/** Random numbers that an image takes. */
export const AUGMENT_DRAWS = 4;

/**
 * @param draws [N, AUGMENT_DRAWS] on [0, 1): rows and columns of the movement, row and column of the hole's centre
 * @param shape of x, [N, H, W, C]
 */
export function augment(
  device: Device,
  x: DeviceBuffer,
  draws: DeviceBuffer,
  shape: readonly number[],
  options: AugmentOptions,
): DeviceBuffer {
  return dispatch(device, 'augment', x, draws, shape, options);
}

/** The adjoint of {@link augment} without its fill. */
export function augmentGradient(
  device: Device,
  dy: DeviceBuffer,
  draws: DeviceBuffer,
  shape: readonly number[],
  { shift, hole }: AugmentOptions,
): DeviceBuffer {
  return dispatch(device, 'augmentGradient', dy, draws, shape, { shift, hole });
}

function dispatch(
  device: Device,
  op: 'augment' | 'augmentGradient',
  x: DeviceBuffer,
  draws: DeviceBuffer,
  shape: readonly number[],
  { shift = [0, 0], hole = [0, 0], fill = 0 }: AugmentOptions,
): DeviceBuffer {
  checkOperand(op, 'x', x, shape);
  const [images, height, width, channels] = imageLengths(op, shape);
  checkOperand(op, 'draws', draws, [images, AUGMENT_DRAWS]);
  for (const [name, lengths] of Object.entries({ shift, hole })) {
    if (lengths.every((length, axis) => Number.isInteger(length) && length >= 0 && length <= shape[axis + 1]!))
      continue;
    const got = `got x ${describeShape(shape)} and ${name} ${describeShape(lengths)}`;
    throw new Error(`${op}: ${got}; it takes rows and columns from 0 to the image's`);
  }
  const count = sizeOf(shape);
  const words = Math.ceil(count / 4);
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/linear.wgsl', 'augment/augment.wgsl'],
      constants: { ADJOINT: op === 'augmentGradient' },
    },
    inputs: [x, draws],
    values: count,
    params: { count: words, values: count, height, width, channels, shift, hole, fill },
    workgroups: device.linearWorkgroups(words),
  });
}
