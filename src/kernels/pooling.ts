/**
 * @file Max-pooling of NHWC images, 'valid': rows and columns left over at the end are dropped. Where values tie, the first
 * of the window in row-major order wins. A NaN wins against every number, and the first of several.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
import type { MaxPool2dOptions } from './options.js';
import { checkOperand, describeShape, imageLengths, sizeOf } from './shape/strides.js';

export interface PoolGeometry {
  readonly size: number;
  readonly stride: number;
  /** [N, outputHeight, outputWidth, C] */
  readonly outputShape: readonly [number, number, number, number];
}

/**
 * @param shape [N, H, W, C]
 * @param op the operation to name in an error.
 */
export function poolGeometry(shape: readonly number[], options: MaxPool2dOptions = {}, op = 'maxPool2d'): PoolGeometry {
  const { size = 2 } = options;
  const { stride = size } = options;
  const [images, height, width, channels] = imageLengths(op, shape);
  const whole = [size, stride].every((length) => Number.isInteger(length) && length >= 1);
  if (!whole || size > Math.min(height, width)) {
    throw new Error(
      `${op}: got x ${describeShape(shape)}, size ${size} and stride ${stride}; ` +
        'it takes a window within the image and a stride of at least 1',
    );
  }
  const along = (length: number): number => Math.floor((length - size) / stride) + 1;
  return {
    size,
    // A longer stride leaves one window as well, and would overflow the kernels' `u32`.
    stride: Math.min(stride, Math.max(height, width)),
    outputShape: [images, along(height), along(width), channels],
  };
}

/** The largest value of each window. */
export function maxPool2d(
  device: Device,
  x: DeviceBuffer,
  shape: readonly number[],
  options: MaxPool2dOptions = {},
): DeviceBuffer {
  const op = 'maxPool2d';
  const geometry = poolGeometry(shape, options, op);
  checkOperand(op, 'x', x, shape);
  return pool(device, op, 'pooling/max.wgsl', [x], shape, geometry, geometry.outputShape);
}

/** The gradient by x: each value of dy goes to its window's winner, and adds up where windows overlap. */
export function maxPool2dGradient(
  device: Device,
  dy: DeviceBuffer,
  x: DeviceBuffer,
  shape: readonly number[],
  options: MaxPool2dOptions = {},
): DeviceBuffer {
  const op = 'maxPool2dGradient';
  const geometry = poolGeometry(shape, options, op);
  checkOperand(op, 'x', x, shape);
  checkOperand(op, 'dy', dy, geometry.outputShape);
  const apart = geometry.stride >= geometry.size && geometry.outputShape[3] % 4 === 0;
  if (apart) return tiledGradient(device, dy, x, shape, geometry);
  return pool(device, op, 'pooling/gradient.wgsl', [dy, x], shape, geometry, shape);
}

/** `values`, of x's shape, where each window of x is largest: the adjoint of {@link maxPool2dGradient}. */
export function maxPool2dGather(
  device: Device,
  values: DeviceBuffer,
  x: DeviceBuffer,
  shape: readonly number[],
  options: MaxPool2dOptions = {},
): DeviceBuffer {
  const op = 'maxPool2dGather';
  const geometry = poolGeometry(shape, options, op);
  checkOperand(op, 'values', values, shape);
  checkOperand(op, 'x', x, shape);
  return pool(device, op, 'pooling/gather.wgsl', [values, x], shape, geometry, geometry.outputShape);
}

function tiledGradient(
  device: Device,
  dy: DeviceBuffer,
  x: DeviceBuffer,
  shape: readonly number[],
  { size, stride, outputShape }: PoolGeometry,
): DeviceBuffer {
  const [images, outputHeight, outputWidth, channels] = outputShape;
  const [height, width] = [shape[1]!, shape[2]!];
  const [cellRows, cellColumns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const quads = channels / 4;
  const cells = images * cellRows * cellColumns * quads;
  return compute(device, {
    kernel: {
      name: 'maxPool2dGradient',
      files: ['common/linear.wgsl', 'common/nan.wgsl', 'pooling/order.wgsl', 'pooling/gradientTiled.wgsl'],
    },
    inputs: [dy, x],
    values: sizeOf(shape),
    params: { count: cells, height, width, quads, outputHeight, outputWidth, size, stride, cellRows, cellColumns },
    workgroups: device.linearWorkgroups(cells),
  });
}

function pool(
  device: Device,
  op: string,
  file: string,
  inputs: readonly DeviceBuffer[],
  shape: readonly number[],
  { size, stride, outputShape }: PoolGeometry,
  resultShape: readonly number[],
): DeviceBuffer {
  const count = sizeOf(resultShape);
  const channels = outputShape[3];
  return compute(device, {
    kernel: {
      name: op,
      files: [
        'common/quads.wgsl',
        'common/load.wgsl',
        'common/nan.wgsl',
        'pooling/order.wgsl',
        'pooling/window.wgsl',
        file,
      ],
      constants: { VECTOR: channels % 4 === 0 },
    },
    inputs: [...inputs],
    values: count,
    params: {
      count,
      height: shape[1]!,
      width: shape[2]!,
      channels,
      outputHeight: outputShape[1],
      outputWidth: outputShape[2],
      size,
      stride,
    },
    workgroups: device.linearWorkgroups(Math.ceil(count / 4)),
  });
}
