// y[o, k, i] = x[o, index[k], i]: entries of x by their indices. An index that is not a whole number from 0 to rows - 1 gives
// NaN, which shows; nothing is read beyond x.
//
// Joined behind common/linear.wgsl and common/nan.wgsl.
//
// Layout: x [outer, rows, inner]; index [entries], as floats; y [outer, entries, inner].
//
// @binding(0) x: array<f32>      read
// @binding(1) index: array<f32>  read
// @binding(2) y: array<f32>      written
// @binding(3) params             count = outer * entries * inner, rows, entries, inner
//
// An invocation owns one value of y.

struct Params { count: u32, rows: u32, entries: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(at: u32) {
  let entry = (at / params.inner) % params.entries;
  let wanted = index[entry];
  let isNotNumber = isNan(vec4f(wanted)).x;
  let row = u32(clamp(select(wanted, 0.0, isNotNumber), 0.0, f32(params.rows - 1u)));
  if (isNotNumber || f32(row) != wanted) {
    // Built at run time, since a constant NaN does not compile.
    y[at] = bitcast<f32>(bitcast<u32>(wanted) | 0x7fc00000u);
    return;
  }
  let outer = at / (params.inner * params.entries);
  y[at] = x[(outer * params.rows + row) * params.inner + at % params.inner];
}
