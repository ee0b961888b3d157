/**
 * @file Folds an up-sampling into the kernel of the convolution behind it.
 *
 * Up-sampling by 2 (nearest neighbour) repeats a pixel at 2i and 2i + 1. Where K taps meet the enlarged image, the sums of two
 * neighbouring taps meet the small one. So with p zeros in front, out[y] = Σₖ w[k] · up[y + k − p] = Σᵢ x[i] · v[y + t − 2i]: a
 * transposed convolution with stride 2 by v[m] = w[K − 1 − m] + w[K − m], of K + 1 taps, and t = K − 1 − p; likewise along the
 * other axis. Each output pixel meets ⌈(K + 1) / 2⌉² taps or fewer: 9 instead of 25 for K = 5. Shi et al. 2016 call it
 * sub-pixel convolution, https://arxiv.org/abs/1609.05158; Odena et al. 2016 recommend the up-sampling that it computes,
 * https://doi.org/10.23915/distill.00003.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { linearWorkgroups } from '../../gpu/commands.js';
import type { Device } from '../../gpu/device.js';
import { compute } from '../compute.js';
import { checkOperand } from '../shape/strides.js';

/** Height, width, rows and columns of a kernel. */
export type KernelShape = readonly [height: number, width: number, rows: number, columns: number];

/** [KH, KW, channels, filters] → [KH + 1, KW + 1, filters, channels]. */
export function upsampledKernel(device: Device, w: DeviceBuffer, shape: KernelShape): DeviceBuffer {
  return sumPairs(device, 'upsampledKernel', w, shape, 1);
}

/** The adjoint of {@link upsampledKernel}: [KH + 1, KW + 1, filters, channels] → [KH, KW, channels, filters]. */
export function upsampledKernelAdjoint(device: Device, v: DeviceBuffer, shape: KernelShape): DeviceBuffer {
  return sumPairs(device, 'upsampledKernelAdjoint', v, shape, -1);
}

function sumPairs(device: Device, op: string, x: DeviceBuffer, shape: KernelShape, growth: 1 | -1): DeviceBuffer {
  checkOperand(op, 'x', x, shape);
  const [height, width, rows, columns] = shape;
  const [yHeight, yWidth] = [height + growth, width + growth];
  const values = yHeight * yWidth * rows * columns;
  const vector = rows % 4 === 0 && columns % 4 === 0;
  const count = vector ? (yHeight * rows * columns) / 16 : Math.ceil(values / 4);
  return compute(device, {
    kernel: { name: op, files: ['common/linear.wgsl', 'conv/upsampledKernel.wgsl'], constants: { VECTOR: vector } },
    inputs: [x],
    values,
    params: {
      count,
      height,
      width,
      rows,
      columns,
      yWidth,
      shorter: Math.min(height, yHeight),
      narrower: Math.min(width, yWidth),
    },
    workgroups: linearWorkgroups(count),
  });
}
