// C = A * B, a subgroup a tile.
//
// A subgroup of LANES lanes owns ROWS x (4 * LANES) elements of C: lane l holds columns 4l .. 4l + 3 of every row in
// registers. For four k at a time, each lane reads one vec4 of A for each of its own ROWS / LANES rows and a 4 x 4
// block of B; subgroupShuffle hands the A values round. So each element of A and B is read once a tile,
// where one lane alone would read A LANES times: (ROWS + 4 * LANES) reads serve 4 * ROWS * LANES multiply-adds.
// It is the fastest form on a software device, where a read is a gather lane by lane and a barrier a coroutine
// switch, and needs neither workgroup memory nor barriers anywhere.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// STEPS times four k make one round of the inner loop: on a software device a round costs a copy of all sums.
//
// Constants: ROWS (a multiple of LANES) and BLOCK_ROWS (see ../sums.wgsl, which goes before), LANES (the device's subgroup
// size; with a wrong one the result is wrong), STEPS (1 or 2; 4 * STEPS divides a segment's length, or nothing hangs over
// its end).
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

const OWN_ROWS = ROWS / LANES;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let column = tile.x / phaseCount() * LANES * 4u + lane * 4u;
  let firstRow = tile.y * ROWS;

  var rows: array<Row, OWN_ROWS>;
  for (var i = 0u; i < OWN_ROWS; i++) {
    rows[i] = rowOf(firstRow + i * LANES + lane, phase);
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
      addProducts(&sums, rows, phase, pointers, pointer, k, column);
      if (STEPS > 1u) {
        addProducts(&sums, rows, phase, pointers, pointer, k + 4u, column);
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
) {
  var a: array<vec4f, OWN_ROWS>;
  for (var i = 0u; i < OWN_ROWS; i++) {
    a[i] = loadA(rows[i], phase, pointers[i], k);
  }
  let b = loadB(phase, pointer, k, column);
  for (var r = 0u; r < BLOCK_ROWS; r++) {
    sums.upper[r] = multiplyAdd(subgroupShuffle(a[r / LANES], r % LANES), b, sums.upper[r]);
  }
  if (ROWS > BLOCK_ROWS) {
    for (var r = 0u; r < BLOCK_ROWS; r++) {
      let row = r + ROWS - BLOCK_ROWS;
      sums.lower[r] = multiplyAdd(subgroupShuffle(a[row / LANES], row % LANES), b, sums.lower[r]);
    }
  }
}
