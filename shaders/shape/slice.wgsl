// y = params.count values of x, from params.first on.
//
// Layout: any. Joined behind common/words.wgsl, whose header says who owns what.
//
// Prelude: WORDS: params.first is a multiple of 4, so that a word of y is a word of x. Else it is four values.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           first, count

struct Params { first: u32, count: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn value(index: u32) -> f32 {
  let at = params.first + min(index, params.count - 1u);
  return x[at / 4u][at % 4u];
}

fn wordOf(word: u32) -> vec4f {
  if (WORDS) {
    return x[params.first / 4u + word];
  }
  let first = word * 4u;
  return vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
}
