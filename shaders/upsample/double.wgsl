// Nearest-neighbour doubling: y[n, i, j, c] = x[n, i / 2, j / 2, c].
//
// Layout: x [N, height, width, channels]; y [N, 2 height, 2 width, channels]. VECTOR: channels is a multiple of 4.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           count (invocations), values of y, width, channels
//
// With VECTOR one invocation owns four channels of a 2 × 2 block of y, so that x is loaded once: one load, four stores.
// Without, it owns four consecutive values of y, and looks up each. The rows of all images follow one another in both x
// and y, so the block's row is its row among all of them, and neither N nor the height is needed.

struct Params { count: u32, values: u32, width: u32, channels: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn copyBlock(quad: u32) {
  let quads = params.channels / 4u;
  let c = quad % quads;
  let pixel = quad / quads;
  let row = pixel / params.width;
  let column = pixel % params.width;
  let value = x[quad];
  let upper = ((row * 2u * params.width + column) * 2u) * quads + c;
  let lower = upper + 2u * params.width * quads;
  y[upper] = value;
  y[upper + quads] = value;
  y[lower] = value;
  y[lower + quads] = value;
}

fn lookUp(element: u32) -> f32 {
  let c = element % params.channels;
  let pixel = element / params.channels;
  let row = pixel / (2u * params.width);
  let column = pixel % (2u * params.width);
  let source = ((row / 2u) * params.width + column / 2u) * params.channels + c;
  return x[source >> 2u][source & 3u];
}

fn run(index: u32) {
  if (VECTOR) {
    copyBlock(index);
    return;
  }
  let first = index * 4u;
  var values = vec4f();
  for (var k = 0u; k < min(4u, params.values - first); k++) {
    values[k] = lookUp(first + k);
  }
  y[index] = values;
}
