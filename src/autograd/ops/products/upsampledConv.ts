/**
 * @file A convolution of an up-sampled image, computed on the small image.
 */
import { convGeometry } from '../../../kernels/conv/geometry.js';
import {
  type KernelShape,
  upsampledKernel as upsampledKernelOf,
  upsampledKernelAdjoint as adjointOf,
} from '../../../kernels/conv/upsampledKernel.js';
import type { ExplicitPadding, UpsampledConv2dOptions } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { convShapes, convTranspose2d } from './conv.js';
import { checkBias } from './epilogue.js';

/**
 * activation(conv2d(upsample2x(x), w) + bias), without the enlarged image: a transposed convolution with stride 2 by a kernel in
 * which neighbouring taps are summed; see `kernels/conv/upsampledKernel.ts`. A 5 × 5 kernel takes 36 multiply-adds for four
 * pixels instead of 100.
 *
 * @param x [N, H, W, C]
 * @param w [KH, KW, C, filters]
 * @returns [N, 2H + top + bottom − KH + 1, 2W + left + right − KW + 1, filters]; with 'same' padding, the default,
 * [N, 2H, 2W, filters].
 * @throws Error for a padding that is not below the kernel's size: such pixels meet zeros alone
 */
export function upsampledConv2d(x: Tensor, w: Tensor, options: UpsampledConv2dOptions<Tensor> = {}): Tensor {
  const op = 'upsampledConv2d';
  const { padding, ...epilogue } = options;
  const { x: xs, w: ws } = convShapes(op, { x: x.shape, w: w.shape }, 2);
  const [height, width, kernelHeight, kernelWidth] = [2 * xs[1], 2 * xs[2], ws[0], ws[1]];
  const { outputHeight, outputWidth, top, left } = convGeometry(
    { height, width, kernelHeight, kernelWidth, padding },
    op,
  );
  checkBias(op, options.bias, ws[3]);
  const adjoint = {
    top: kernelHeight - 1 - top,
    bottom: height + top - outputHeight,
    left: kernelWidth - 1 - left,
    right: width + left - outputWidth,
  };
  checkPaddings(op, adjoint, [kernelHeight, kernelWidth]);
  return convTranspose2d(x, upsampledKernel(w, ws), { ...epilogue, stride: 2, padding: adjoint });
}

/** The transposed convolution's paddings are what the kernel's size leaves of the convolution's. */
function checkPaddings(
  op: string,
  { top, bottom, left, right }: ExplicitPadding,
  [height, width]: [number, number],
): void {
  if (Math.min(top, bottom, left, right) >= 0) return;
  const got = [height - 1 - top, height - 1 - bottom, width - 1 - left, width - 1 - right].join(', ');
  throw new Error(
    `${op}: got padding [${got}] (top, bottom, left, right) for a ${height}×${width} kernel; ` +
      `it takes at most ${height - 1} above and below, and ${width - 1} at the sides`,
  );
}

/** [KH, KW, C, filters] → [KH + 1, KW + 1, filters, C]. */
function upsampledKernel(w: Tensor, shape: KernelShape): Tensor {
  const [height, width, rows, columns] = shape;
  const v = upsampledKernelOf(w.engine.device, w.buffer, shape);
  const grown = [height + 1, width + 1, columns, rows] as const;
  return taped(w.engine.wrap(v, grown), 'upsampledKernel', [w], (g) => [upsampledKernelAdjoint(g, grown)]);
}

/** The adjoint of {@link upsampledKernel}. */
function upsampledKernelAdjoint(v: Tensor, shape: KernelShape): Tensor {
  const [height, width, rows, columns] = shape;
  const w = adjointOf(v.engine.device, v.buffer, shape);
  const shrunk = [height - 1, width - 1, columns, rows] as const;
  return taped(v.engine.wrap(w, shrunk), 'upsampledKernelAdjoint', [v], (g) => [upsampledKernel(g, shrunk)]);
}
