// Sets the first params.count values of y to params.value. Values behind them stay.
//
// Layout: any. Joined behind common/words.wgsl, whose header says who owns what.
//
// @binding(0) y: array<vec4f>  written; read in the last word, where only some of its values are
// @binding(1) params           count, value

struct Params { count: u32, value: f32 }

@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<uniform> params: Params;

fn wordOf(word: u32) -> vec4f {
  let first = word * 4u;
  if (first + 4u <= params.count) {
    return vec4f(params.value);
  }
  return select(y[word], vec4f(params.value), vec4u(0u, 1u, 2u, 3u) < vec4u(params.count - first));
}
