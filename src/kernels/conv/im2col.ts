/**
 * @file Writes sliding windows as the rows of a matrix (im2col), and adds such rows up to an image (col2im). With it the
 * convolutions of images with few channels are plain matrix products. Chellapilla et al. 2006, High Performance
 * Convolutional Neural Networks for Document Processing, https://inria.hal.science/inria-00112631.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import type { Params } from '../../gpu/params.js';
import { ACTIVATION_FILES, activationCode, activationSlope } from '../activation.js';
import type { Epilogue } from '../options.js';
import type { ConvShape } from './geometry.js';
import { checkOperand } from '../shape/strides.js';

/** Windows over a source, one for each pixel of a grid. */
export interface Windows extends Pick<
  ConvShape,
  'images' | 'kernelHeight' | 'kernelWidth' | 'strideY' | 'strideX' | 'top' | 'left'
> {
  readonly gridHeight: number;
  readonly gridWidth: number;
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  /** The window slides over the grid instead of the source; see `shaders/conv/im2col/windows.wgsl`. */
  readonly transposed: boolean;
}

/** Row length of {@link im2col}'s result: taps times channels, padded to a multiple of 4. */
export function im2colPitch({ kernelHeight, kernelWidth }: Windows, channels: number): number {
  return 4 * Math.ceil((kernelHeight * kernelWidth * channels) / 4);
}

/** The sizes that `shaders/conv/im2col/windows.wgsl` takes as constants. */
function constantsOf(windows: Windows, channels: number, pitch: number): Readonly<Record<string, number | boolean>> {
  return {
    TRANSPOSED: windows.transposed,
    CHANNELS: channels,
    PITCH: pitch,
    KERNEL_WIDTH: windows.kernelWidth,
    GRID_HEIGHT: windows.gridHeight,
    GRID_WIDTH: windows.gridWidth,
    STRIDE_Y: windows.strideY,
    STRIDE_X: windows.strideX,
  };
}

function paramsOf(windows: Windows, count: number, slope: number): Params {
  const { sourceHeight, sourceWidth, kernelHeight, top, left } = windows;
  return { count, sourceHeight, sourceWidth, kernelHeight, top, left, slope };
}

/**
 * @param source [images, sourceHeight, sourceWidth, channels]
 * @returns [images · gridHeight · gridWidth, {@link im2colPitch}], zero where a window leaves the source.
 */
export function im2col(device: Device, source: DeviceBuffer, windows: Windows, channels: number): DeviceBuffer {
  const { images, gridHeight, gridWidth, sourceHeight, sourceWidth } = windows;
  checkOperand('im2col', 'source', source, [images, sourceHeight, sourceWidth, channels]);
  const pitch = im2colPitch(windows, channels);
  const words = images * gridHeight * gridWidth * (pitch / 4);
  const matrix = device.allocate(words * 16, 'im2col');
  device.dispatch({
    kernel: {
      name: 'im2col',
      files: ['common/linear.wgsl', 'conv/im2col/windows.wgsl', 'conv/im2col/im2col.wgsl'],
      constants: constantsOf(windows, channels, pitch),
    },
    buffers: [source, matrix],
    params: paramsOf(windows, words, 0),
    workgroups: device.linearWorkgroups(words),
  });
  return matrix;
}

interface Col2imOptions extends Epilogue {
  readonly windows: Windows;
  readonly channels: number;
}

/**
 * The adjoint of {@link im2col} over windows that start at the source, with an epilogue.
 *
 * @param products [images · sourceHeight · sourceWidth, kernelHeight · kernelWidth · channels]
 * @returns activation(Σ over taps + bias), [images, gridHeight, gridWidth, channels].
 */
export function col2im(
  device: Device,
  products: DeviceBuffer,
  { windows, channels, bias, activation = 'none' }: Col2imOptions,
): DeviceBuffer {
  const { images, gridHeight, gridWidth, sourceHeight, sourceWidth, kernelHeight, kernelWidth } = windows;
  const pitch = kernelHeight * kernelWidth * channels;
  checkOperand('col2im', 'products', products, [images, sourceHeight, sourceWidth, pitch]);
  const count = images * gridHeight * gridWidth * channels;
  const y = device.allocate(count * 4, 'col2im');
  device.dispatch({
    kernel: {
      name: 'col2im',
      files: ['common/linear.wgsl', ...ACTIVATION_FILES, 'conv/im2col/windows.wgsl', 'conv/im2col/col2im.wgsl'],
      constants: {
        ...constantsOf(windows, channels, pitch),
        HAS_BIAS: bias !== undefined,
        ACTIVATION: activationCode(activation),
      },
    },
    buffers: [products, bias ?? products, y],
    params: paramsOf(windows, count, activationSlope(activation)),
    workgroups: device.linearWorkgroups(count),
  });
  return y;
}
