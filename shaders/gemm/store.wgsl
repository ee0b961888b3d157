// Four columns of a row of C into memory, where they exist.
//
// Constants: VECTOR_N (the columns are a multiple of 4: then the four are one write).

fn storeFour(row: u32, column: u32, value: vec4f) {
  let index = row * params.columns + column;
  if (VECTOR_N) {
    if (column < params.columns) {
      C[index / 4u] = value;
    }
    return;
  }
  for (var i = 0u; i < min(4u, max(params.columns, column) - column); i++) {
    C[(index + i) / 4u][(index + i) % 4u] = value[i];
  }
}
