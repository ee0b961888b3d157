// The entry point of kernels in which a workgroup works on one thing, such as an image or a column: calls run(number, lane).
//
// The kernel's own file defines run(), which returns at once for a number behind the last one with work, since the grid may
// fold into rows (foldedWorkgroups in src/gpu/commands.ts).
//
// Prelude: LANES: invocations of a workgroup.

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  run(group.y * groups.x + group.x, lane);
}
