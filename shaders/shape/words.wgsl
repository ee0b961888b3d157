// The loop of concat.wgsl and slice.wgsl, which go before it: y[word] = wordOf(word), for as many words as hold
// params.count values.
//
// One invocation owns four words of four consecutive values of y, 64 words apart. Bound by memory: 16-byte loads and stores
// side by side.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let start = (group.y * groups.x + group.x) * 256u + lane;
  for (var i = 0u; i < 4u; i++) {
    let word = start + i * 64u;
    if (word * 4u >= params.count) {
      return;
    }
    y[word] = wordOf(word);
  }
}
