// The sum over a workgroup's lanes, joined pairwise in workgroup memory: a fixed order, the same bits every time.
//
// Prelude: LANES: how many there are, a power of two.

var<workgroup> lanes: array<f32, LANES>;

fn total(lane: u32, value: f32) -> f32 {
  // A lane may still be reading the total before.
  workgroupBarrier();
  lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      lanes[lane] += lanes[lane + half];
    }
  }
  workgroupBarrier();
  return lanes[0];
}
