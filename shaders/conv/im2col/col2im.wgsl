// The adjoint of im2col.wgsl, with an epilogue: y[pixel, channel] = activation(bias[channel] + sum over taps of
// P[pixel that the tap meets, (tap, channel)]). Where a convolution leads to few channels, P is a plain matrix product that
// reads its source once, where each tap by itself would read it again.
//
// Layout: P [images x sourceHeight x sourceWidth, pitch]; y NHWC, [images, gridHeight, gridWidth, channels].
//
// Constants: TRANSPOSED and sizes (see windows.wgsl), HAS_BIAS, ACTIVATION (see common/activation.wgsl); both files go before.
//
// An invocation owns one number of y and sums over the taps in ascending order; neighbours write side by side.
//
// @binding(0) P         read
// @binding(1) bias      [channels], read; any buffer where HAS_BIAS is false
// @binding(2) y         written
// @binding(3) params    count: numbers of y

@group(0) @binding(0) var<storage, read> P: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(i: u32) {
  let pixelIndex = i / CHANNELS;
  let channel = i - pixelIndex * CHANNELS;
  let pixel = pixelOf(pixelIndex);
  // The first tap that can meet a pixel, and how far it is to the next: with a stride most taps of a transposed window
  // meet none.
  let firstY = select(0u, (pixel.y + params.top) % STRIDE_Y, TRANSPOSED);
  let firstX = select(0u, (pixel.x + params.left) % STRIDE_X, TRANSPOSED);
  let stepY = select(1u, STRIDE_Y, TRANSPOSED);
  let stepX = select(1u, STRIDE_X, TRANSPOSED);
  var sum = 0.0;
  for (var tapY = firstY; tapY < params.kernelHeight; tapY += stepY) {
    for (var tapX = firstX; tapX < KERNEL_WIDTH; tapX += stepX) {
      let met = sourceOf(pixel, tapY, tapX);
      let column = (tapY * KERNEL_WIDTH + tapX) * CHANNELS + channel;
      sum += select(0.0, P[u32(max(met, 0)) * PITCH + column], met >= 0);
    }
  }
  if (HAS_BIAS) {
    sum += bias[channel];
  }
  y[i] = activate(vec4f(sum), params.slope).x;
}
