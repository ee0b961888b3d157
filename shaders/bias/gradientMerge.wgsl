// The sum of each column of the partial sums of gradient-partial.wgsl.
//
// Layout: parts [rows, columns]; sums [columns].
//
// @binding(0) parts: array<f32>  read
// @binding(1) sums: array<f32>   written
// @binding(2) params             rows, columns
//
// A workgroup owns one column: each of 64 lanes adds up every 64th row, and the lanes are joined pairwise in workgroup
// memory. The order is fixed: the same bits every time. There are at most some thousand rows, whose loads do not depend
// on one another, and one pass of whatever length is cheaper than another dispatch.

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> lanes: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let column = group.y * groups.x + group.x;
  if (column >= params.columns) {
    return;
  }
  var sum = 0.0;
  for (var row = lane; row < params.rows; row += 64u) {
    sum += parts[row * params.columns + column];
  }
  lanes[lane] = sum;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      lanes[lane] += lanes[lane + half];
    }
  }
  if (lane == 0u) {
    sums[column] = lanes[0];
  }
}
