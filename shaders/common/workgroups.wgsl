// The entry point of kernels in which a workgroup works on one thing, such as an image or a column: calls run(number, lane)
// for each number below params.count.
//
// The kernel's own file defines run() and params. A long grid folds into rows (foldedWorkgroups in src/gpu/commands.ts), and the
// last row may be longer than needed.
//
// Prelude: LANES: invocations of a workgroup.

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let number = group.y * groups.x + group.x;
  if (number < params.count) {
    run(number, lane);
  }
}
