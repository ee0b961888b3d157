// The entry point of kernels that are bound by memory: y[word] = wordOf(word) for the words that hold params.count values.
//
// The kernel's own file defines y, params.count and wordOf(). A word is a vec4f, four consecutive values of y; an
// invocation owns four words, 64 words apart. So loads and stores of neighbours are 16 bytes and lie side by side; on
// lavapipe four words in a loop are 1.6 times faster than one.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let start = (group.y * groups.x + group.x) * 256u + lane;
  for (var i = 0u; i < 4u; i++) {
    let word = start + i * 64u;
    if (word * 4u < params.count) {
      y[word] = wordOf(word);
    }
  }
}
