// The sum over a workgroup's 256 lanes, joined pairwise in workgroup memory: a fixed order, the same bits every time.

var<workgroup> lanes: array<f32, 256>;

fn total(lane: u32, value: f32) -> f32 {
  // A lane may still be reading the total before.
  workgroupBarrier();
  lanes[lane] = value;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      lanes[lane] += lanes[lane + half];
    }
  }
  workgroupBarrier();
  return lanes[0];
}
