// The largest value of each row set of x, and its index along the rows.
//
// Layout: x [outer, rows, inner]; values and indices [outer, inner], the indices as floats.
//
// Prelude: LANES, a power of two.
//
// @binding(0) x: array<f32>        read
// @binding(1) values: array<f32>   written
// @binding(2) indices: array<f32>  written
// @binding(3) params               count (of outputs) = outer * inner, rows, inner
//
// A workgroup owns one output. Its lanes take every LANES-th row, and their winners are joined pairwise in workgroup memory.
// Of equal values the first row wins. A NaN is larger than any number, so it shows. Keys of integers are compared, since WGSL
// lets a compiler assume that no float is NaN.

struct Params { count: u32, rows: u32, inner: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> indices: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> keys: array<u32, LANES>;
var<workgroup> rows: array<u32, LANES>;

// Integers in the order of the floats: -inf is the least, both zeros are alike, NaN is the largest. At least 1.
fn keyOf(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    return 0xffffffffu;
  }
  if (magnitude == 0u) {
    return 0x80000000u;
  }
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

fn run(output: u32, lane: u32) {
  let outer = output / params.inner;
  let base = outer * params.rows * params.inner + (output - outer * params.inner);
  var best = 0u;
  var bestRow = 0u;
  for (var row = lane; row < params.rows; row += LANES) {
    let key = keyOf(x[base + row * params.inner]);
    if (key > best) {
      best = key;
      bestRow = row;
    }
  }
  keys[lane] = best;
  rows[lane] = bestRow;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let other = lane + half;
      if (keys[other] > keys[lane] || (keys[other] == keys[lane] && rows[other] < rows[lane])) {
        keys[lane] = keys[other];
        rows[lane] = rows[other];
      }
    }
  }
  if (lane == 0u) {
    values[output] = x[base + rows[0] * params.inner];
    indices[output] = f32(rows[0]);
  }
}
