// y = x / ‖x‖₂, and ‖x‖₂. Of zeros y is `otherwise`, and the norm 0.
//
// Joined behind common/workgroupSum.wgsl and common/nan.wgsl.
//
// Layout: x, otherwise and y [count]; norms [1].
//
// @binding(0) x: array<f32>          read
// @binding(1) otherwise: array<f32>  read
// @binding(2) y: array<f32>          written
// @binding(3) norms: array<f32>      written
// @binding(4) params                 count
//
// One workgroup owns all of y, and a lane every LANES-th value of it: a few thousand values at most, which one workgroup has
// read sooner than a second dispatch would start. Where squares overflow, or are so small that they lose digits, the sum is
// taken once more of scaled values: by powers of two, which round nothing.

struct Params { count: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> otherwise: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

/// Sums of squares below this stem from values below 2^-40.
const SMALL = 0x1p-80f;
const ENLARGE = 0x1p+100f;
const REDUCE = 0x1p-80f;

var<workgroup> joined: f32;

fn sumOfSquares(lane: u32, scale: f32) -> f32 {
  var squares = 0.0;
  for (var at = lane; at < params.count; at += LANES) {
    let value = x[at] * scale;
    squares += value * value;
  }
  let sum = workgroupSum(lane, squares);
  if (lane == 0u) {
    joined = sum;
  }
  // Uniform, so that what follows may hold barriers.
  return workgroupUniformLoad(&joined);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var scale = 1.0;
  var squares = sumOfSquares(lane, scale);
  if (squares < SMALL || isInfinite(vec4f(squares)).x) {
    scale = select(REDUCE, ENLARGE, squares < SMALL);
    squares = sumOfSquares(lane, scale);
  }
  let root = sqrt(squares);
  if (lane == 0u) {
    norms[0] = root / scale;
  }
  for (var at = lane; at < params.count; at += LANES) {
    y[at] = select(x[at] * scale / root, otherwise[at], squares == 0.0);
  }
}
