// C = A * B, a lane a tile: for devices without subgroups.
//
// A lane owns ROWS x 4 elements of C in registers. For four k at a time it reads ROWS vec4s of A and a 4 x 4 block
// of B: (ROWS + 4) vec4 reads serve 4 * ROWS vec4 multiply-adds. The workgroup's 64 lanes stand LANES_N side by side
// along the columns and 64 / LANES_N along the rows, so neighbours read the same cache lines. No workgroup memory, no
// barriers.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// Constants: ROWS, LANES_N (divides 64).
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

const LANES_M = 64u / LANES_N;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let column = (tile.x / phaseCount() * LANES_N + lane % LANES_N) * 4u;
  let firstRow = (tile.y * LANES_M + lane / LANES_N) * ROWS;

  var rows: array<Row, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    rows[r] = rowOf(firstRow + r, phase);
  }

  var sums: array<vec4f, ROWS>;
  let segments = segmentCount(phase);
  let length = segmentLength(phase);
  for (var segment = 0u; segment < segments; segment++) {
    var pointers: array<PointerA, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
      pointers[r] = pointA(rows[r], phase, segment);
    }
    let pointer = pointB(phase, segment);

    for (var k = 0u; k < length; k += 4u) {
      let b = loadB(phase, pointer, k, column);
      for (var r = 0u; r < ROWS; r++) {
        let s = loadA(rows[r], phase, pointers[r], k);
        sums[r] = multiplyAdd(s, b, sums[r]);
      }
    }
  }

  for (var r = 0u; r < ROWS; r++) {
    store(firstRow + r, phase, column, sums[r]);
  }
}
