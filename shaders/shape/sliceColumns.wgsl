// y = of each row of x the columns from params.first on, params.width of them.
//
// Layout: x [rows, columns], y [rows, width]; y holds params.count floats.
// Joined behind common/words.wgsl, whose header says who owns what.
//
// Prelude: WORDS: first, width and columns are multiples of 4, so that a word of y is a word of x. Else it is four values.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           first, width, columns, count

struct Params { first: u32, width: u32, columns: u32, count: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn placeOf(index: u32) -> u32 {
  let row = index / params.width;
  return row * params.columns + params.first + index - row * params.width;
}

fn value(index: u32) -> f32 {
  let at = placeOf(min(index, params.count - 1u));
  return x[at / 4u][at % 4u];
}

fn wordOf(word: u32) -> vec4f {
  let first = word * 4u;
  if (WORDS) {
    return x[placeOf(first) / 4u];
  }
  return vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
}
