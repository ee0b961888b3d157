// Reads values at each window's maximum of x: y[n, i, j, c] = values[n, i * stride + p, j * stride + q,
// c] for the (p, q) at which x is largest (see order.wgsl). It is the adjoint of gradient.wgsl.
//
// Joined behind common/quads.wgsl, common/load.wgsl and window.wgsl.
//
// Layout: values and x [N, height, width, channels]; y [N, outputHeight, outputWidth, channels]. VECTOR: channels is
// a multiple of 4.
//
// @binding(0) values: array<vec4f>  read
// @binding(1) x: array<vec4f>       read
// @binding(2) y: array<vec4f>       written
// @binding(3) params                count (values of y), height, width, channels, outputHeight, outputWidth,
//                                   size, stride
//
// One invocation owns four consecutive values of y, which is one vec4f. With VECTOR they are four channels of one
// window, and each load brings all four; without, each value is found on its own. Nothing of the forward pass but x
// is needed.

@group(0) @binding(0) var<storage, read> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn loadValue(element: u32) -> vec4f {
  if (VECTOR) {
    return values[element >> 2u];
  }
  return vec4f(values[element >> 2u][element & 3u]);
}

/// The value of y at `element`; with VECTOR the four from there on.
fn resultAt(element: u32) -> vec4f {
  let corner = cornerOf(element);
  var best = load(corner);
  var taken = loadValue(corner);
  for (var p = 0u; p < params.size; p++) {
    for (var q = 0u; q < params.size; q++) {
      let at = corner + (p * params.width + q) * params.channels;
      let candidate = load(at);
      let wins = beats(candidate, best);
      best = select(best, candidate, wins);
      taken = select(taken, loadValue(at), wins);
    }
  }
  return taken;
}
