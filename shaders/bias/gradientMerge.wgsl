// The sum of each column of the partial sums of gradientPartial.wgsl.
//
// Layout: parts [rows, columns]; sums [columns].
//
// @binding(0) parts: array<f32>  read
// @binding(1) sums: array<f32>   written
// @binding(2) params             rows, count (columns)
//
// Joined behind common/workgroups.wgsl and common/workgroupSum.wgsl. Prelude: LANES is 64.
//
// A workgroup owns one column: each lane adds up every LANES-th row, and the lanes are joined pairwise in workgroup
// memory. The order is fixed: the same bits every time. There are at most some thousand rows, whose loads do not depend
// on one another, and one pass of whatever length is cheaper than another dispatch.

struct Params { rows: u32, count: u32 }

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(column: u32, lane: u32) {
  var sum = 0.0;
  for (var row = lane; row < params.rows; row += LANES) {
    sum += parts[row * params.count + column];
  }
  joinLanes(lane, sum);
  if (lane == 0u) {
    sums[column] = lanes[0];
  }
}
