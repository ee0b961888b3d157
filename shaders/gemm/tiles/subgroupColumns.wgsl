// C = A * B, a subgroup a tile, where A is stored by columns: four rows of one k lie side by side.
//
// As in subgroup.wgsl a subgroup of LANES lanes owns ROWS x (4 * LANES) elements of C, and lane l holds columns
// 4l .. 4l + 3 of every row in registers. What differs is how A is shared out: for four k at a time the tile's block of
// A is ROWS vec4s, one for each k and group of four rows; unit u is k + u % 4 of rows 4 * (u / 4) .. + 3, and lane l
// reads the units l, l + LANES, ... So each read is one address and one test for four values, where reading by rows
// would take four of each.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the other tiles.
//
// Constants: ROWS, BLOCK_ROWS, LANES, STEPS (as in subgroup.wgsl).
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadRowsA, loadB, store.

const OWN_UNITS = ROWS / LANES;

alias Units = array<vec4f, OWN_UNITS>;

// Rows 4 * group .. + 3 of the block of A, each at all four k, from the lanes that read them.
fn fourRows(group: u32, a: Units) -> mat4x4f {
  let unit = group * 4u;
  return transpose(mat4x4f(
    subgroupShuffle(a[unit / LANES], unit % LANES),
    subgroupShuffle(a[(unit + 1u) / LANES], (unit + 1u) % LANES),
    subgroupShuffle(a[(unit + 2u) / LANES], (unit + 2u) % LANES),
    subgroupShuffle(a[(unit + 3u) / LANES], (unit + 3u) % LANES),
  ));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let column = tile.x / phaseCount() * LANES * 4u + lane * 4u;
  let firstRow = tile.y * ROWS;

  var rows: array<Row, OWN_UNITS>;
  for (var i = 0u; i < OWN_UNITS; i++) {
    rows[i] = rowOf(firstRow + (i * LANES + lane) / 4u * 4u, phase);
  }

  var sums: Sums;
  let length = segmentLength(phase);
  let pointer = pointB(phase, 0u);
  for (var k = 0u; k < length; k += 4u * STEPS) {
    addProducts(&sums, rows, phase, pointer, k, column, lane);
    if (STEPS > 1u) {
      addProducts(&sums, rows, phase, pointer, k + 4u, column, lane);
    }
  }

  storeSums(&sums, firstRow, phase, column);
}

// The products of four k, added to the sums.
fn addProducts(
  sums: ptr<function, Sums>,
  rows: array<Row, OWN_UNITS>,
  phase: Phase,
  pointer: u32,
  k: u32,
  column: u32,
  lane: u32,
) {
  var a: Units;
  for (var i = 0u; i < OWN_UNITS; i++) {
    a[i] = loadRowsA(rows[i], phase, pointA(rows[i], phase, 0u), k + (i * LANES + lane) % 4u);
  }
  let b = loadB(phase, pointer, k, column);
  for (var g = 0u; g < BLOCK_ROWS / 4u; g++) {
    let rowsOfA = fourRows(g, a);
    for (var r = 0u; r < 4u; r++) {
      sums.upper[4u * g + r] = multiplyAdd(rowsOfA[r], b, sums.upper[4u * g + r]);
    }
  }
  if (ROWS > BLOCK_ROWS) {
    for (var g = 0u; g < BLOCK_ROWS / 4u; g++) {
      let rowsOfA = fourRows(g + (ROWS - BLOCK_ROWS) / 4u, a);
      for (var r = 0u; r < 4u; r++) {
        sums.lower[4u * g + r] = multiplyAdd(rowsOfA[r], b, sums.lower[4u * g + r]);
      }
    }
  }
}
