// y = the values of a, and behind them those of b.
//
// Layout: any; a holds params.split floats, y params.count. One invocation owns four words of four consecutive values of
// y, 64 words apart.
//
// Prelude: WORDS: params.split is a multiple of 4, so that a word of y is a word of a or of b. Else it is four values.
//
// @binding(0) a: array<vec4f>  read
// @binding(1) b: array<vec4f>  read
// @binding(2) y: array<vec4f>  written
// @binding(3) params           split, count
//
// Bound by memory: 16-byte loads and stores side by side.

struct Params {
  split: u32,
  count: u32,
}

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
    if (!WORDS) {
      y[word] = vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
    } else if (first < params.split) {
      y[word] = a[word];
    } else {
      y[word] = b[word - params.split / 4u];
    }
  }
}
