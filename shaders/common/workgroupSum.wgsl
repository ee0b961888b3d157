// The sum over a workgroup's lanes, joined pairwise in workgroup memory: a fixed order, the same bits every time.
//
// Prelude: LANES: invocations of the workgroup, a power of two.

var<workgroup> lanes: array<f32, LANES>;

/// Leaves the sum in lanes[0], for lane 0 to read. It serves once in a kernel: nothing waits for other lanes' reads.
fn joinLanes(lane: u32, value: f32) {
  lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      lanes[lane] += lanes[lane + half];
    }
  }
}

/// The sum, in every lane.
fn workgroupSum(lane: u32, value: f32) -> f32 {
  // A lane may still be reading an earlier sum.
  workgroupBarrier();
  joinLanes(lane, value);
  workgroupBarrier();
  return lanes[0];
}
