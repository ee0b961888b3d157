// y = for each row the values of a, and behind them those of b.
//
// Layout: a [rows, split], b [rows, columns - split], y [rows, columns]; y holds params.count floats.
// Joined behind common/words.wgsl, whose header says who owns what.
//
// Prelude: WORDS: split and columns are multiples of 4, so that a word of y is a word of a or of b. Else it is four values.
//
// @binding(0) a: array<vec4f>  read
// @binding(1) b: array<vec4f>  read
// @binding(2) y: array<vec4f>  written
// @binding(3) params           split, columns, count

struct Params { split: u32, columns: u32, count: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn value(index: u32) -> f32 {
  let at = min(index, params.count - 1u);
  let row = at / params.columns;
  let column = at - row * params.columns;
  if (column < params.split) {
    let inA = row * params.split + column;
    return a[inA / 4u][inA % 4u];
  }
  let inB = row * (params.columns - params.split) + column - params.split;
  return b[inB / 4u][inB % 4u];
}

fn wordOf(word: u32) -> vec4f {
  let first = word * 4u;
  if (!WORDS) {
    return vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
  }
  let row = first / params.columns;
  let column = first - row * params.columns;
  if (column < params.split) {
    return a[(row * params.split + column) / 4u];
  }
  return b[(row * (params.columns - params.split) + column - params.split) / 4u];
}
