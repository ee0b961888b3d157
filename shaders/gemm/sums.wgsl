// The sums of the tiles subgroup.wgsl and subgroupColumns.wgsl, a vec4 of columns for each of ROWS rows.
//
// They are held in one or two blocks of BLOCK_ROWS: a driver that unrolls no loop of 32 iterations would put one array of
// 32 into memory, and unrolled 16 at a time it stays in registers.
//
// Constants: ROWS (BLOCK_ROWS or twice that), BLOCK_ROWS.

alias Block = array<vec4f, BLOCK_ROWS>;

struct Sums {
  upper: Block,
  lower: Block,
}

fn storeSums(sums: ptr<function, Sums>, firstRow: u32, phase: Phase, column: u32) {
  for (var r = 0u; r < BLOCK_ROWS; r++) {
    store(firstRow + r, phase, column, sums.upper[r]);
  }
  if (ROWS > BLOCK_ROWS) {
    for (var r = 0u; r < BLOCK_ROWS; r++) {
      store(firstRow + BLOCK_ROWS + r, phase, column, sums.lower[r]);
    }
  }
}
