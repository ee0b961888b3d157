/**
 * @file The 2-D convolution (a cross-correlation, as in every deep-learning library) and its two adjoints.
 *
 * All three walk the same products x[n, oy·sy + ky − top, ox·sx + kx − left, c] · w[ky, kx, c, o] that feed y[n, oy, ox, o]
 * (`forEachTap`), and differ only in which of the three is the sum. Dumoulin & Visin 2016, "A guide to convolution
 * arithmetic for deep learning", https://arxiv.org/abs/1603.07285.
 */
import {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  type ConvWeightGradientOptions,
} from '../../src/kernels/options.js';
import { type ConvGeometry, convGeometry, convTransposeGeometry } from '../../src/kernels/conv/geometry.js';
import { epilogue } from './activation.js';
import { type Array64, array64, shapeError } from './tensor.js';

/** x [N, H, W, C] and w [KH, KW, C, O] give [N, OH, OW, O]; the bias has O values. */
export function conv2d(x: Array64, w: Array64, options: Conv2dOptions<Array64> = {}): Array64 {
  const [batch, height, width, channels] = fourLengths('conv2d', { x }, 'x [N, H, W, C]');
  const [kernelHeight, kernelWidth, inputs, outputs] = fourLengths('conv2d', { w }, 'w [KH, KW, C, O]');
  if (channels !== inputs) throw shapeError('conv2d', { x, w }, 'x [N, H, W, C] and w [KH, KW, C, O]');

  const geometry = convGeometry({
    height,
    width,
    kernelHeight,
    kernelWidth,
    stride: options.stride,
    padding: options.padding,
  });
  const y = array64([batch, geometry.outputHeight, geometry.outputWidth, outputs]);
  forEachTap(x, w, y, geometry, (xAt, wAt, yAt) => {
    y.data[yAt]! += x.data[xAt]! * w.data[wAt]!;
  });
  return epilogue('conv2d', y, options);
}

/**
 * x [N, h, w, I] and w [KH, KW, Out, I] give [N, H, W, Out]; the bias has Out values. Without an epilogue it is the
 * adjoint of conv2d by the same w: ⟨conv2d(y, w), x⟩ = ⟨y, convTranspose2d(x, w)⟩, and so conv2d's gradient by its input.
 */
export function convTranspose2d(x: Array64, w: Array64, options: ConvTranspose2dOptions<Array64> = {}): Array64 {
  const op = 'convTranspose2d';
  const [batch, inputHeight, inputWidth, channels] = fourLengths(op, { x }, 'x [N, h, w, I]');
  const [kernelHeight, kernelWidth, outputs, inputs] = fourLengths(op, { w }, 'w [KH, KW, Out, I]');
  if (channels !== inputs) throw shapeError(op, { x, w }, 'x [N, h, w, I] and w [KH, KW, Out, I]');

  const { stride, padding, outputSize } = options;
  const geometry = convTransposeGeometry(
    { height: inputHeight, width: inputWidth, kernelHeight, kernelWidth, stride, padding },
    outputSize,
  );
  const y = array64([batch, geometry.height, geometry.width, outputs]);
  forEachTap(y, w, x, geometry, (yAt, wAt, xAt) => {
    y.data[yAt]! += x.data[xAt]! * w.data[wAt]!;
  });
  return epilogue(op, y, options);
}

/** conv2d's gradient by w, given x [N, H, W, C] and the gradient dy [N, OH, OW, O] by its output: [KH, KW, C, O]. */
export function convWeightGradient(x: Array64, dy: Array64, options: ConvWeightGradientOptions): Array64 {
  const op = 'convWeightGradient';
  const { kernelSize, stride, padding } = options;
  const [batch, height, width, channels] = fourLengths(op, { x }, 'x [N, H, W, C]');
  const [dyBatch, dyHeight, dyWidth, outputs] = fourLengths(op, { dy }, 'dy [N, OH, OW, O]');
  const geometry = convGeometry(
    { height, width, kernelHeight: kernelSize[0], kernelWidth: kernelSize[1], stride, padding },
    op,
  );
  const { outputHeight, outputWidth } = geometry;
  if (dyBatch !== batch || dyHeight !== outputHeight || dyWidth !== outputWidth)
    throw shapeError(op, { x, dy }, `dy [${batch}, ${outputHeight}, ${outputWidth}, O] for that x`);

  const dw = array64([...kernelSize, channels, outputs]);
  forEachTap(x, dw, dy, geometry, (xAt, wAt, yAt) => {
    dw.data[wAt]! += x.data[xAt]! * dy.data[yAt]!;
  });
  return dw;
}

/** Calls back with the positions of each (x, w, y) that meet in y = conv2d(x, w), those on the padding left out. */
function forEachTap(
  x: Array64,
  w: Array64,
  y: Array64,
  { strideY, strideX, top, left }: ConvGeometry,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const [batch, outputHeight, outputWidth, outputs] = lengths(y);
  const [, height, width, channels] = lengths(x);
  const [kernelHeight, kernelWidth] = lengths(w);
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < outputHeight; oy++)
      for (let ox = 0; ox < outputWidth; ox++)
        for (let ky = 0; ky < kernelHeight; ky++)
          for (let kx = 0; kx < kernelWidth; kx++) {
            const iy = oy * strideY + ky - top;
            const ix = ox * strideX + kx - left;
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            for (let c = 0; c < channels; c++)
              for (let o = 0; o < outputs; o++)
                visit(
                  ((n * height + iy) * width + ix) * channels + c,
                  ((ky * kernelWidth + kx) * channels + c) * outputs + o,
                  ((n * outputHeight + oy) * outputWidth + ox) * outputs + o,
                );
          }
}

type Four = [number, number, number, number];

function lengths({ shape }: Array64): Four {
  return [shape[0]!, shape[1]!, shape[2]!, shape[3]!];
}

function fourLengths(op: string, named: Readonly<Record<string, Array64>>, takes: string): Four {
  const [x] = Object.values(named);
  if (x?.shape.length !== 4) throw shapeError(op, named, takes);
  return lengths(x);
}
