// y[o, i] = x[o, index[o, i], i]: one row for each output.
//
// Layout: x [outer, rows, inner]; index and y [outer, inner], the indices as whole floats below rows.
//
// @binding(0) x: array<f32>      read
// @binding(1) index: array<f32>  read
// @binding(2) y: array<f32>      written
// @binding(3) params             count = outer * inner, rows, inner
//
// An invocation owns one value of y.

struct Params { count: u32, rows: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(at: u32) {
  let outer = at / params.inner;
  y[at] = x[(outer * params.rows + u32(index[at])) * params.inner + (at - outer * params.inner)];
}
