// y = x / ‖x‖₂, and ‖x‖₂; zeros of zeros.
//
// Joined behind total.wgsl.
//
// Layout: x and y [count]; norms [1].
//
// @binding(0) x: array<f32>       read
// @binding(1) y: array<f32>       written
// @binding(2) norms: array<f32>   written
// @binding(3) params              count
//
// One workgroup owns all of y, and a lane every LANES-th value of it: a few thousand values at most, which one workgroup has
// read sooner than a second dispatch would start.

struct Params {
  count: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// Miyato's own code divides by ‖x‖ + 1e-12, which is to be seen in a vector of zeros alone.
const LEAST_NORM = 1e-12;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var squares = 0.0;
  for (var at = lane; at < params.count; at += LANES) {
    squares += x[at] * x[at];
  }
  let norm = max(sqrt(total(lane, squares)), LEAST_NORM);
  if (lane == 0u) {
    norms[0] = norm;
  }
  for (var at = lane; at < params.count; at += LANES) {
    y[at] = x[at] / norm;
  }
}
