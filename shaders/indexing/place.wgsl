// The adjoint of pick.wgsl: y[o, r, i] = x[o, i] where r = index[o, i], else 0.
//
// Layout: x and index [outer, inner], the indices as whole floats; y [outer, rows, inner].
//
// @binding(0) x: array<f32>      read
// @binding(1) index: array<f32>  read
// @binding(2) y: array<f32>      written
// @binding(3) params             count = outer * rows * inner, rows, inner
//
// An invocation owns one value of y, so no two write to one place.

struct Params { count: u32, rows: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(at: u32) {
  let slab = params.rows * params.inner;
  let outer = at / slab;
  let row = (at - outer * slab) / params.inner;
  let source = outer * params.inner + at % params.inner;
  if (u32(index[source]) == row) {
    y[at] = x[source];
  } else {
    y[at] = 0.0;
  }
}
