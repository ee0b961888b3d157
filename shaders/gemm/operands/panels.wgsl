// The right matrix of either operand, in panels that shaders/gemm/pack/panels.wgsl made: the columns of one subgroup's
// tile lie together, row after row, so that the inner loop reads memory from front to back, and the weights' two layouts
// are one. Rows and columns are filled up with zeros.
//
// Layout: [panels, rows filled up to a multiple of 8, COLUMN_LANES] texels of four columns.
//
// Constants: COLUMN_LANES.
// Functions of the operand file: rowOfTap, rowsOfB.

fn pointB(phase: Phase, segment: u32) -> u32 {
  return rowOfTap(phase, segment);
}

fn loadB(phase: Phase, pointer: u32, k: u32, column: u32) -> mat4x4f {
  let rows = (rowsOfB() + 7u) / 8u * 8u;
  let first = (column / (4u * COLUMN_LANES) * rows + pointer + k) * COLUMN_LANES + column / 4u % COLUMN_LANES;
  return mat4x4f(wordB(first), wordB(first + COLUMN_LANES), wordB(first + 2u * COLUMN_LANES), wordB(first + 3u * COLUMN_LANES));
}
