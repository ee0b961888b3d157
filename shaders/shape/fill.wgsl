// The first params.count values of y become params.value; what lies behind them stays.
//
// Layout: any. One invocation owns four words of four consecutive values of y, 64 words apart.
//
// @binding(0) y: array<vec4f>  written; read in the last word, where only some of its values are
// @binding(1) params           count, value
//
// Bound by memory: 16-byte stores side by side.

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
