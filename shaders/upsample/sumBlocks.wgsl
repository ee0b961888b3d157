// The sum over each 2 × 2 block, the adjoint of double.wgsl: y[n, i, j, c] = Σ over p, q in {0, 1} of x[n, 2i + p, 2j
// + q, c].
//
// Layout: x [N, 2 height, 2 width, channels]; y [N, height, width, channels]. VECTOR: channels is a multiple of 4.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           count (values of y), width (of y), channels
//
// One invocation owns four consecutive values of y, which is one vec4f. With VECTOR they are four channels of one
// block, and four loads bring all of it; without, each value is summed on its own. The rows of all images follow one
// another, so neither N nor the height is needed.

struct Params { count: u32, width: u32, channels: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

/// The value of y at `element`; with VECTOR the four from there on.
fn resultAt(element: u32) -> vec4f {
  let c = element % params.channels;
  let pixel = element / params.channels;
  let row = pixel / params.width;
  let column = pixel % params.width;
  let upper = (row * 2u * params.width + column) * 2u * params.channels + c;
  let lower = upper + 2u * params.width * params.channels;
  return (load(upper) + load(upper + params.channels)) + (load(lower) + load(lower + params.channels));
}
