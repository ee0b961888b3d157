// C = A * B, a workgroup a tile in workgroup memory: the classical form for GPUs with fast shared memory.
//
// 64 lanes own 64 x 32 elements of C. For 16 k at a time they carry a 64 x 16 block of A and a 16 x 32 block of B into
// workgroup memory (6 KiB), each element read from global memory once a tile; then every lane multiplies 8 rows x 4
// columns of its own from there, in registers: 12 reads of workgroup memory serve 32 multiply-adds.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

const TILE_ROWS = 64u;
const TILE_VECTORS = 8u; // vec4s of columns
const STEP = 4u; // vec4s of k
const LANE_ROWS = 8u;

var<workgroup> tileA: array<array<vec4f, STEP>, TILE_ROWS>;
var<workgroup> tileB: array<array<mat4x4f, TILE_VECTORS>, STEP>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let phase = phaseOf(group.x % phaseCount());
  let firstColumn = group.x / phaseCount() * TILE_VECTORS * 4u;
  let firstRow = (group.y + group.z * 65535u) * TILE_ROWS;

  // Loading: lane l carries row l of A, and block (l / 8, l % 8) of B if l < 32.
  let carried = rowOf(firstRow + lane, phase);
  let blockK = lane / TILE_VECTORS;
  let blockColumn = lane % TILE_VECTORS;

  // Multiplying: lane l owns rows 8 * (l / 8) .. + 7 and the columns of vector l % 8.
  let ownRow = lane / TILE_VECTORS * LANE_ROWS;

  var sums: array<vec4f, LANE_ROWS>;
  let segments = segmentCount(phase);
  let length = segmentLength(phase);
  for (var segment = 0u; segment < segments; segment++) {
    let pointerA = pointA(carried, phase, segment);
    let pointerB = pointB(phase, segment);
    for (var k = 0u; k < length; k += 4u * STEP) {
      for (var i = 0u; i < STEP; i++) {
        if (k + 4u * i < length) {
          tileA[lane][i] = loadA(carried, phase, pointerA, k + 4u * i);
        } else {
          tileA[lane][i] = vec4f();
        }
      }
      if (blockK < STEP) {
        if (k + 4u * blockK < length) {
          tileB[blockK][blockColumn] = loadB(phase, pointerB, k + 4u * blockK, firstColumn + blockColumn * 4u);
        } else {
          tileB[blockK][blockColumn] = mat4x4f();
        }
      }
      workgroupBarrier();
      for (var i = 0u; i < STEP; i++) {
        let b = tileB[i][blockColumn];
        for (var r = 0u; r < LANE_ROWS; r++) {
          let s = tileA[ownRow + r][i];
          sums[r] = multiplyAdd(s, b, sums[r]);
        }
      }
      workgroupBarrier();
    }
  }

  for (var r = 0u; r < LANE_ROWS; r++) {
    store(firstRow + ownRow + r, phase, firstColumn + blockColumn * 4u, sums[r]);
  }
}
