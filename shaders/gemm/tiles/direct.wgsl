// C = A * B where C has few columns (an image of one or three channels): no tile at all.
//
// A lane owns PIXELS rows and all of their COLUMNS (at most 4) columns. A tiled product would fill 4 * LANES columns
// and throw most of them away; here the inner product runs along k in vec4s, and a weight that was read serves all
// of the lane's pixels.
//
// Every element is summed in ascending order of k by fused multiply-adds, as in the tiles.
//
// Constants: PIXELS, COLUMNS (1 .. 4).
// Function of the grid file: tileOf.
// Functions of the operand file: phaseOf, rowOf, segmentCount, segmentLength, pointA, pointB, loadA, loadB, store.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tileOf(group);
  let phase = phaseOf(tile.x % phaseCount());
  let firstRow = (tile.y * 64u + lane) * PIXELS;

  var rows: array<Row, PIXELS>;
  for (var r = 0u; r < PIXELS; r++) {
    rows[r] = rowOf(firstRow + r, phase);
  }

  var sums: array<vec4f, PIXELS>;
  let segments = segmentCount(phase);
  let length = segmentLength(phase);
  for (var segment = 0u; segment < segments; segment++) {
    var pointers: array<PointerA, PIXELS>;
    for (var r = 0u; r < PIXELS; r++) {
      pointers[r] = pointA(rows[r], phase, segment);
    }
    let pointer = pointB(phase, segment);

    for (var k = 0u; k < length; k += 4u) {
      let b = transpose(loadB(phase, pointer, k, 0u));
      for (var r = 0u; r < PIXELS; r++) {
        let s = loadA(rows[r], phase, pointers[r], k);
        for (var c = 0u; c < COLUMNS; c++) {
          sums[r][c] = fma(s.w, b[c].w, fma(s.z, b[c].z, fma(s.y, b[c].y, fma(s.x, b[c].x, sums[r][c]))));
        }
      }
    }
  }

  for (var r = 0u; r < PIXELS; r++) {
    store(firstRow + r, phase, 0u, sums[r]);
  }
}
