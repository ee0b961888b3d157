// The windows of an image with few channels, written out one row a window: U[pixel, (tap, channel)] = source[pixel that the
// tap meets, channel], and 0 where it meets none. A convolution is then a plain matrix product, which reads whole vec4s
// where the image itself has but one number a pixel.
//
// Layout: source NHWC, [images, sourceHeight, sourceWidth, channels]; U [images x gridHeight x gridWidth, pitch], the pitch
// being kernelHeight x kernelWidth x channels filled up with zeros to a multiple of 4.
//
// Constants: TRANSPOSED and sizes (see windows.wgsl, which goes before).
//
// An invocation owns four neighbouring numbers of a row: four reads, one write.
//
// @binding(0) source    read
// @binding(1) U         written
// @binding(2) params    count: vec4s of U

@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> U: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(i: u32) {
  let words = PITCH / 4u;
  let row = i / words;
  let pixel = pixelOf(row);
  var values: vec4f;
  for (var c = 0u; c < 4u; c++) {
    values[c] = valueAt(pixel, (i - row * words) * 4u + c);
  }
  U[i] = values;
}

fn valueAt(pixel: Pixel, column: u32) -> f32 {
  let tap = column / CHANNELS;
  let tapY = tap / KERNEL_WIDTH;
  let met = sourceOf(pixel, tapY, tap - tapY * KERNEL_WIDTH);
  let index = u32(max(met, 0)) * CHANNELS + column - tap * CHANNELS;
  return select(0.0, source[index], met >= 0 && tapY < params.kernelHeight);
}
