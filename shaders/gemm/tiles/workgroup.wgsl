// C = A * B, a workgroup a tile in workgroup memory: the classical form for GPUs with fast shared memory.
//
// LANES_M x LANES_N lanes own 8 * LANES_M rows and 4 * LANES_N * LANE_VECTORS columns of C. For 16 k at a time they carry
// a block of A and a block of B into workgroup memory (6 KiB with 8 x 8 lanes and one vector, 16 KiB with 16 x 16 and two),
// each element read from global memory once a tile; then every lane multiplies 8 rows and LANE_VECTORS vec4s of columns
// of its own from there, in registers: with two vectors 8 + 8 reads serve 64 vec4 multiply-adds.
//
// A lane's vectors lie LANES_N apart, so that neighbours read neighbouring vectors.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// Constants: LANES_M, LANES_N (8 x 8 or 16 x 16: so a lane carries a row of A), LANE_VECTORS.
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

const STEP = 4u; // vec4s of k
const LANE_ROWS = 8u;
const LANES = LANES_M * LANES_N;
const TILE_ROWS = LANES_M * LANE_ROWS;
const TILE_VECTORS = LANES_N * LANE_VECTORS; // vec4s of columns
const CARRIERS = LANES / TILE_ROWS; // lanes that carry parts of one row of A
const BLOCKS = STEP * TILE_VECTORS; // 4 x 4 blocks of B

var<workgroup> tileA: array<array<vec4f, STEP>, TILE_ROWS>;
var<workgroup> tileB: array<array<mat4x4f, TILE_VECTORS>, STEP>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let firstColumn = tile.x / phaseCount() * TILE_VECTORS * 4u;
  let firstRow = tile.y * TILE_ROWS;

  let carriedRow = lane % TILE_ROWS;
  let carried = rowOf(firstRow + carriedRow, phase);
  let ownRow = lane / LANES_N * LANE_ROWS;
  let ownVector = lane % LANES_N;

  var sums: array<array<vec4f, LANE_ROWS>, LANE_VECTORS>;
  let segments = segmentCount(phase);
  let length = segmentLength(phase);
  for (var segment = 0u; segment < segments; segment++) {
    let pointerA = pointA(carried, phase, segment);
    let pointerB = pointB(phase, segment);
    for (var k = 0u; k < length; k += 4u * STEP) {
      for (var i = lane / TILE_ROWS; i < STEP; i += CARRIERS) {
        if (k + 4u * i < length) {
          tileA[carriedRow][i] = loadA(carried, phase, pointerA, k + 4u * i);
        } else {
          tileA[carriedRow][i] = vec4f();
        }
      }
      for (var block = lane; block < BLOCKS; block += LANES) {
        let blockK = block / TILE_VECTORS;
        let vector = block % TILE_VECTORS;
        if (k + 4u * blockK < length) {
          tileB[blockK][vector] = loadB(phase, pointerB, k + 4u * blockK, firstColumn + vector * 4u);
        } else {
          tileB[blockK][vector] = mat4x4f();
        }
      }
      workgroupBarrier();
      for (var i = 0u; i < STEP; i++) {
        for (var v = 0u; v < LANE_VECTORS; v++) {
          let b = tileB[i][ownVector + v * LANES_N];
          for (var r = 0u; r < LANE_ROWS; r++) {
            sums[v][r] = multiplyAdd(tileA[ownRow + r][i], b, sums[v][r]);
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var v = 0u; v < LANE_VECTORS; v++) {
    for (var r = 0u; r < LANE_ROWS; r++) {
      store(firstRow + ownRow + r, phase, firstColumn + (ownVector + v * LANES_N) * 4u, sums[v][r]);
    }
  }
}
