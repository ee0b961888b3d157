// The first params.count values of y become params.value; what lies behind them stays.
//
// Layout: any. One invocation owns four words of four consecutive values of y, 64 words apart.
//
// @binding(0) y: array<vec4f>  written; read in the last word, where only some of its values are
// @binding(1) params           count, value
//
// Bound by memory: 16-byte stores side by side.

struct Params {
  count: u32,
  value: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<uniform> params: Params;

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
    if (first + 4u <= params.count) {
      y[word] = vec4f(params.value);
    } else if (first < params.count) {
      y[word] = select(y[word], vec4f(params.value), vec4u(0u, 1u, 2u, 3u) < vec4u(params.count - first));
    }
  }
}
