// The entry point of kernels that number their invocations along a line: calls run(index).
//
// The kernel's own file defines run(), which returns at once for an index behind the last one with work: a long grid
// folds into rows (linearWorkgroups in src/gpu/commands.ts), and the last row may be longer than needed.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  run(id.y * groups.x * 64u + id.x);
}
