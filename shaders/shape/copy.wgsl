// Copies the first params.count values of x to y. Values of y behind them stay.
//
// Layout: any. Joined behind common/words.wgsl, whose header says who owns what.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written; read in the last word, where only some of its values are
// @binding(2) params           count

struct Params { count: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn wordOf(word: u32) -> vec4f {
  let first = word * 4u;
  if (first + 4u <= params.count) {
    return x[word];
  }
  return select(y[word], x[word], vec4u(0u, 1u, 2u, 3u) < vec4u(params.count - first));
}
