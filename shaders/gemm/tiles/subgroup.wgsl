// C = A * B, a subgroup a tile.
//
// COLUMN_LANES lanes stand side by side along the columns: each holds four columns of ROWS rows in registers. Where they are
// fewer than the subgroup's LANES, for a narrow C, the lanes form groups one below the other along the rows. For four k at
// a time, each lane reads one vec4 of A for each of its own ROWS / COLUMN_LANES rows and a 4 x 4 block of B;
// subgroupShuffle hands the A values round in the group. So each element of A and B is read once a group, where one lane
// alone would read A COLUMN_LANES times: (ROWS + 4 * COLUMN_LANES) reads serve 4 * ROWS * COLUMN_LANES multiply-adds.
// It is the fastest form on a software device, where a read is a gather lane by lane and a barrier a coroutine
// switch, and needs neither workgroup memory nor barriers anywhere.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// STEPS times four k make one round of the inner loop: on a software device a round costs a copy of all sums.
//
// Constants: ROWS (a multiple of COLUMN_LANES) and BLOCK_ROWS (see ../sums.wgsl, which goes before), LANES (the device's
// subgroup size; with a wrong one the result is wrong), COLUMN_LANES (divides LANES), STEPS (1 or 2; 4 * STEPS divides a
// segment's length, or nothing hangs over its end).
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

const OWN_ROWS = ROWS / COLUMN_LANES;
const GROUPS = LANES / COLUMN_LANES;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let groupStart = select(lane / COLUMN_LANES * COLUMN_LANES, 0u, GROUPS == 1u);
  let laneInGroup = lane - groupStart;
  let column = (tile.x / phaseCount() * COLUMN_LANES + laneInGroup) * 4u;
  let firstRow = (tile.y * GROUPS + groupStart / COLUMN_LANES) * ROWS;

  var rows: array<Row, OWN_ROWS>;
  for (var i = 0u; i < OWN_ROWS; i++) {
    rows[i] = rowOf(firstRow + i * COLUMN_LANES + laneInGroup, phase);
  }

  var sums: Sums;
  let segments = segmentCount(phase);
  let length = segmentLength(phase);
  for (var segment = 0u; segment < segments; segment++) {
    var pointers: array<PointerA, OWN_ROWS>;
    for (var i = 0u; i < OWN_ROWS; i++) {
      pointers[i] = pointA(rows[i], phase, segment);
    }
    let pointer = pointB(phase, segment);

    for (var k = 0u; k < length; k += 4u * STEPS) {
      addProducts(&sums, rows, phase, pointers, pointer, k, column, groupStart);
      if (STEPS > 1u) {
        addProducts(&sums, rows, phase, pointers, pointer, k + 4u, column, groupStart);
      }
    }
  }

  storeSums(&sums, firstRow, phase, column);
}

// The products of four k, added to the sums.
fn addProducts(
  sums: ptr<function, Sums>,
  rows: array<Row, OWN_ROWS>,
  phase: Phase,
  pointers: array<PointerA, OWN_ROWS>,
  pointer: u32,
  k: u32,
  column: u32,
  groupStart: u32,
) {
  var a: array<vec4f, OWN_ROWS>;
  for (var i = 0u; i < OWN_ROWS; i++) {
    a[i] = loadA(rows[i], phase, pointers[i], k);
  }
  let b = loadB(phase, pointer, k, column);
  for (var r = 0u; r < BLOCK_ROWS; r++) {
    sums.upper[r] = multiplyAdd(subgroupShuffle(a[r / COLUMN_LANES], groupStart + r % COLUMN_LANES), b, sums.upper[r]);
  }
  if (ROWS > BLOCK_ROWS) {
    for (var r = 0u; r < BLOCK_ROWS; r++) {
      let row = r + ROWS - BLOCK_ROWS;
      sums.lower[r] = multiplyAdd(subgroupShuffle(a[row / COLUMN_LANES], groupStart + row % COLUMN_LANES), b, sums.lower[r]);
    }
  }
}
