// The entry point of kernels that number their invocations along a line: calls run(index) for each index below
// params.count, which is also what the host passes to linearWorkgroups (src/gpu/commands.ts).
//
// The kernel's own file defines run() and params. A long grid folds into rows, and the last row may be longer than needed.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.y * groups.x * 64u + id.x;
  if (index < params.count) {
    run(index);
  }
}
