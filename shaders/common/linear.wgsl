// The entry point of kernels that loop over a line of indices: calls run(index) for each index below params.count, which is
// also what the host passes to Device.linearWorkgroups (src/gpu/device.ts).
//
// The kernel's own file defines run() and params. A grid-stride loop: the grid may have fewer invocations than there are
// indices, and neighbours take neighbouring indices. A GPU gets an invocation an index, a software device few that loop:
// there beginning an invocation costs more than most kernels compute. A long grid folds into rows.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let step = groups.x * groups.y * 64u;
  for (var index = id.y * groups.x * 64u + id.x; index < params.count; index += step) {
    run(index);
  }
}
