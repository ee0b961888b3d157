// The largest value of each window, 'valid': y[n, i, j, c] = max over (p, q) of x[n, i * stride + p, j * stride + q,
// c]. A window that holds a NaN gives NaN.
//
// Joined behind common/quads.wgsl, common/load.wgsl and window.wgsl.
//
// Layout: x [N, height, width, channels]; y [N, outputHeight, outputWidth, channels]. VECTOR: channels is a multiple
// of 4.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           count (values of y), height, width, channels, outputHeight, outputWidth, size, stride
//
// One invocation owns four consecutive values of y, which is one vec4f. With VECTOR they are four channels of one
// window, and each load brings all four; without, each value is found on its own.

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

/// The value of y at `element`; with VECTOR the four from there on.
fn resultAt(element: u32) -> vec4f {
  let corner = cornerOf(element);
  var best = load(corner);
  for (var p = 0u; p < params.size; p++) {
    for (var q = 0u; q < params.size; q++) {
      let value = load(corner + (p * params.width + q) * params.channels);
      best = select(best, value, beats(value, best));
    }
  }
  return best;
}
