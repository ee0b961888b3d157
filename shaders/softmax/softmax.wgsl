// y[r, c] = exp(x[r, c] - m) / sum over c of exp(x[r, c] - m), m the largest of row r: no exp overflows.
//
// Joined behind common/linear.wgsl and row.wgsl. A row that holds a NaN is NaN.
//
// Layout: x and y [rows, columns]. One invocation owns one row of y.
//
// @binding(0) x: array<f32>  read
// @binding(1) y: array<f32>  written
// @binding(2) params         count (rows), columns

struct Params { count: u32, columns: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(index: u32) {
  let row = rowOf(index);
  let factor = 1.0 / row.total;
  for (var at = row.first; at < row.end; at++) {
    y[at] = exp(below(x[at], row.largest)) * factor;
  }
}
