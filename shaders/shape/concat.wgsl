// y = the values of a, and behind them those of b.
//
// Layout: any; a holds params.split floats, y params.count.
// Joined behind common/words.wgsl, whose header says who owns what.
//
// Prelude: WORDS: params.split is a multiple of 4, so that a word of y is a word of a or of b. Else it is four values.
//
// @binding(0) a: array<vec4f>  read
// @binding(1) b: array<vec4f>  read
// @binding(2) y: array<vec4f>  written
// @binding(3) params           split, count

struct Params { split: u32, count: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn value(index: u32) -> f32 {
  if (index < params.split) {
    return a[index / 4u][index % 4u];
  }
  let behind = min(index, params.count - 1u) - params.split;
  return b[behind / 4u][behind % 4u];
}

fn wordOf(word: u32) -> vec4f {
  let first = word * 4u;
  if (!WORDS) {
    return vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
  }
  if (first < params.split) {
    return a[word];
  }
  return b[word - params.split / 4u];
}
