// y[r, c] = exp(x[r, c] - m) / sum over c of exp(x[r, c] - m), m the largest of row r: no exp overflows.
//
// Joined behind below.wgsl. A row that holds a NaN is NaN.
//
// Layout: x and y [rows, columns]. One invocation owns one row of y.
//
// @binding(0) x: array<f32>  read
// @binding(1) y: array<f32>  written
// @binding(2) params         rows, columns
//
// Rows are short (ten classes), so a row is a loop in registers over values that the cache holds after the first pass;
// exp is computed twice rather than stored and read again.

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) {
    return;
  }
  let first = row * params.columns;
  let end = first + params.columns;
  var largest = x[first];
  for (var at = first + 1u; at < end; at++) {
    largest = max(largest, x[at]);
  }
  var total = 0.0;
  for (var at = first; at < end; at++) {
    total += exp(below(x[at], largest));
  }
  let factor = 1.0 / total;
  for (var at = first; at < end; at++) {
    y[at] = exp(below(x[at], largest)) * factor;
  }
}
