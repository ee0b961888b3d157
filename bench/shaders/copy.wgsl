// A copy and nothing else: how fast the device can move memory, to judge the kernels that only do that.
//
// A workgroup owns a run of 64 * 16 words; invocation i takes those at i, i + 64, i + 128, ...
//
// @binding(0) source: array<vec4f>        read
// @binding(1) destination: array<vec4f>   written
// @binding(2) params                      words: vec4s to copy

struct Params {
  words: u32,
}

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> destination: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = (group.y * groups.x + group.x) * 1024u + lane;
  let end = min(first + 1024u - lane, params.words);
  for (var word = first; word < end; word += 64u) {
    destination[word] = source[word];
  }
}
