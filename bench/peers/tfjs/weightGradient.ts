/**
 * @file `Conv2DBackpropFilter` for tfjs's WebAssembly backend, which lacks it: without it no convolution can be trained.
 *
 * The gradient by w of a convolution with stride s is itself a convolution, of x with batch and channels exchanged by dy as
 * the kernel, dilated by s. XNNPACK, which does the backend's convolutions, is fast at it; dy's filters lie last already.
 */
import { convGeometry } from '../../../src/kernels/conv/geometry.js';
import type { Tfjs } from './types.js';

export function registerWeightGradient(tf: Tfjs): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, dy }, attrs: { strides, pad, filterShape } }) => {
      if (x === undefined || dy === undefined) throw new Error('Conv2DBackpropFilter takes x and dy');
      const [stride = 1] = (Array.isArray(strides) ? strides : [strides]) as number[];
      const [kernelHeight = 1, kernelWidth = 1] = filterShape as number[];
      const [, height = 1, width = 1] = x.shape;
      const { outputHeight, outputWidth, top, left } = convGeometry({
        height,
        width,
        kernelHeight,
        kernelWidth,
        stride,
        padding: pad === 'valid' ? 'valid' : 'same',
      });
      const bottom = Math.max(0, (outputHeight - 1) * stride + kernelHeight - height - top);
      const right = Math.max(0, (outputWidth - 1) * stride + kernelWidth - width - left);
      return tf.tidy(() => {
        const padded = tf.pad(tf.transpose(x, [3, 1, 2, 0]), [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]);
        const kernel = tf.transpose(dy, [1, 2, 0, 3]);
        const gradient = tf.transpose(tf.conv2d(padded, kernel, 1, 'valid', 'NHWC', stride), [1, 2, 0, 3]);
        // Rows and columns of x that no window of a 'valid' convolution reaches make the result larger.
        return tf.slice(gradient, [0, 0, 0, 0], filterShape as number[]);
      });
    },
  });
}
