// y = params.count values of x, from params.first on.
//
// Layout: any. One invocation owns four words of four consecutive values of y, 64 words apart.
//
// Prelude: WORDS: params.first is a multiple of 4, so that a word of y is a word of x. Else it is four values.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           first, count
//
// Bound by memory: 16-byte loads and stores side by side.

struct Params {
  first: u32,
  count: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn value(index: u32) -> f32 {
  let at = params.first + min(index, params.count - 1u);
  return x[at / 4u][at % 4u];
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let start = (group.y * groups.x + group.x) * 256u + lane;
  for (var i = 0u; i < 4u; i++) {
    let word = start + i * 64u;
    let first = word * 4u;
    if (first >= params.count) {
      return;
    }
    if (WORDS) {
      y[word] = x[params.first / 4u + word];
    } else {
      y[word] = vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
    }
  }
}
