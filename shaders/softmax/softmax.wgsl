// y[r, c] = exp(x[r, c] - m) / sum over c of exp(x[r, c] - m), m the largest of row r: no exp overflows.
//
// Joined behind row.wgsl. A row that holds a NaN is NaN.
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

fn run(row: u32) {
  if (row >= params.rows) {
    return;
  }
  let first = row * params.columns;
  let end = first + params.columns;
  let largest = largestOf(first, end);
  let total = totalOf(first, end, largest);
  let factor = 1.0 / total;
  for (var at = first; at < end; at++) {
    y[at] = exp(below(x[at], largest)) * factor;
  }
}
