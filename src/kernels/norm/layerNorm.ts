/**
 * @file Layer normalisation of images, [images, pixels, channels]: each by the mean and variance of all its own values,
 * then scaled and shifted by channel. Ba et al. 2016, https://arxiv.org/abs/1607.06450; by channel as the critics of
 * Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, have it.
 *
 * A workgroup takes an image, in a fixed order of summation: the same input gives the same bits.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { LINEAR_WORKGROUP, linearWorkgroups } from '../../gpu/commands.js';
import type { Device } from '../../gpu/device.js';
import { ACTIVATION_FILES, activationCode, activationSlope, slopeFromOutput } from '../activation.js';
import type { FusedActivation } from '../options.js';
import { sum } from '../reduce.js';
import { checkOperand } from '../shape/strides.js';
import { workgroupSumLanes } from '../workgroupSum.js';
import { checkEpsilon, type NormGradients } from './norm.js';

/** Sizes of x, and what both directions need. */
interface LayerNormOptions {
  /** [images, pixels, channels] */
  readonly x: DeviceBuffer;
  /** [channels] */
  readonly gamma: DeviceBuffer;
  readonly images: number;
  /** Of an image; 1 where the layer before is dense. */
  readonly pixels: number;
  readonly channels: number;
  /** `'none'` if absent. */
  readonly activation?: FusedActivation | undefined;
  /** Lanes of a workgroup, a power of two; chosen for the device if absent. */
  readonly lanes?: number | undefined;
}

export interface LayerNormForwardOptions extends LayerNormOptions {
  /** [channels] */
  readonly beta: DeviceBuffer;
  readonly epsilon: number;
}

export interface LayerNormGradientOptions extends LayerNormOptions {
  readonly dy: DeviceBuffer;
  /** What `layerNorm` returned, as are the statistics. */
  readonly y: DeviceBuffer;
  readonly statistics: DeviceBuffer;
}

export interface LayerNormResult {
  /** [images, pixels, channels] */
  readonly y: DeviceBuffer;
  /** [images, 2]: mean, 1 / √(variance + ε). */
  readonly statistics: DeviceBuffer;
}

/** activation(γ · (x − mean) / √(variance + ε) + β), in one dispatch. */
export function layerNorm(device: Device, options: LayerNormForwardOptions): LayerNormResult {
  const op = 'layerNorm';
  const { x, gamma, beta, images, pixels, channels, epsilon, activation = 'none' } = options;
  checkOperand(op, 'x', x, [images, pixels, channels]);
  for (const [name, buffer] of Object.entries({ gamma, beta })) checkOperand(op, name, buffer, [channels]);
  checkEpsilon(op, epsilon);
  const y = device.allocate(images * pixels * channels * 4, op);
  const statistics = device.allocate(images * 8, `${op} statistics`);
  device.dispatch({
    kernel: { ...kernelOf(device, options, 'forward'), name: op },
    buffers: [x, gamma, beta, y, statistics],
    params: { ...layoutOf(options), epsilon, slope: activationSlope(activation) },
    workgroups: workgroupEach(images),
  });
  return { y, statistics };
}

/** The gradients; the statistics depend on x. */
export function layerNormGradient(device: Device, options: LayerNormGradientOptions): NormGradients {
  const op = 'layerNormGradient';
  const { dy, x, y, gamma, statistics, images, pixels, channels, activation = 'none' } = options;
  for (const [name, buffer] of Object.entries({ dy, x, y })) checkOperand(op, name, buffer, [images, pixels, channels]);
  checkOperand(op, 'gamma', gamma, [channels]);
  checkOperand(op, 'statistics', statistics, [images, 2]);
  const slope = slopeFromOutput(op, activation);
  const rows = images * pixels;
  return device.scope(
    () => {
      const [dx, g, product] = [
        device.allocate(rows * channels * 4, `${op} dx`),
        device.allocate(rows * channels * 4, `${op} g`),
        device.allocate(rows * channels * 4, `${op} product`),
      ];
      device.dispatch({
        kernel: { ...kernelOf(device, options, 'gradient'), name: op },
        buffers: [dy, x, y, gamma, statistics, dx, g, product],
        params: { ...layoutOf(options), slope },
        workgroups: workgroupEach(images),
      });
      const dGamma = sum(device, product, [rows, channels], [0]);
      return { dx, dGamma, dBeta: sum(device, g, [rows, channels], [0]) };
    },
    ({ dx, dGamma, dBeta }) => [dx, dGamma, dBeta],
  );
}

function kernelOf(
  device: Device,
  { channels, activation = 'none', lanes = workgroupSumLanes(device) }: LayerNormOptions,
  direction: 'forward' | 'gradient',
) {
  return {
    files: [
      ...ACTIVATION_FILES,
      'common/activationGradient.wgsl',
      channels % 4 === 0 ? 'norm/layerNorm/quads.wgsl' : 'norm/layerNorm/values.wgsl',
      'norm/layerNorm/nextChannel.wgsl',
      'common/workgroups.wgsl',
      'common/workgroupSum.wgsl',
      `norm/layerNorm/${direction}.wgsl`,
    ],
    constants: { ACTIVATION: activationCode(activation), LANES: lanes },
  };
}

/** The shaders' fields of the same names. */
function layoutOf({ images, pixels, channels }: LayerNormOptions) {
  const channelWords = channels % 4 === 0 ? channels / 4 : channels;
  return { count: images, words: pixels * channelWords, channelWords, share: 1 / (pixels * channels) };
}

function workgroupEach(images: number): readonly [number, number, number] {
  return linearWorkgroups(images * LINEAR_WORKGROUP);
}
