// The entry point of kernels that are bound by memory: y[word] = wordOf(word) for the words that hold params.count values.
//
// The kernel's own file defines y, params.count and wordOf(). A word is a vec4f, four consecutive values of y; a
// grid-stride loop as in linear.wgsl, with four words or more an invocation. So loads and stores of neighbours are 16
// bytes and lie side by side.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let step = groups.x * groups.y * 64u;
  for (var word = id.y * groups.x * 64u + id.x; word * 4u < params.count; word += step) {
    y[word] = wordOf(word);
  }
}
