// The adjoint of gather.wgsl: y[o, r, i] = sum of x[o, k, i] over the entries k with index[k] = r.
//
// Layout: x [outer, entries, inner]; index [entries], as floats; y [outer, rows, inner].
//
// @binding(0) x: array<f32>      read
// @binding(1) index: array<f32>  read
// @binding(2) y: array<f32>      written
// @binding(3) params             count = outer * rows * inner, rows, entries, inner
//
// An invocation owns one value of y and walks all entries in order: no atomics, and the same bits every time.

struct Params { count: u32, rows: u32, entries: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(at: u32) {
  let slab = params.rows * params.inner;
  let outer = at / slab;
  let row = f32((at - outer * slab) / params.inner);
  let base = outer * params.entries * params.inner + at % params.inner;
  var sum = 0.0;
  for (var entry = 0u; entry < params.entries; entry++) {
    if (index[entry] == row) {
      sum += x[base + entry * params.inner];
    }
  }
  y[at] = sum;
}
