// The right matrix of weightGradient.wgsl: the output's gradient, [pixels, columns], as it lies in memory.
//
// Constants: VECTOR_K (see weightGradient.wgsl), VECTOR_N (columns is a multiple of 4).

fn pointB(phase: Phase, segment: u32) -> u32 {
  return rowOfTap(phase, segment);
}

// Pixels k .. k + 3 of the part, a vec4 of columns for each. Behind the last pixel A is zero, so any number will do.
fn loadB(phase: Phase, pointer: u32, k: u32, column: u32) -> mat4x4f {
  if (VECTOR_K && VECTOR_N) {
    let start = ((pointer + k) * params.columns + min(column, params.columns - 4u)) / 4u;
    let step = params.columns / 4u;
    return mat4x4f(wordB(start), wordB(start + step), wordB(start + 2u * step), wordB(start + 3u * step));
  }
  return mat4x4f(
    rowB(pointer + k, column), rowB(pointer + k + 1u, column), rowB(pointer + k + 2u, column), rowB(pointer + k + 3u, column),
  );
}

fn rowB(pixel: u32, column: u32) -> vec4f {
  let start = min(pixel, params.pixels - 1u) * params.columns;
  if (VECTOR_N) {
    return wordB((start + min(column, params.columns - 4u)) / 4u);
  }
  return vec4f(
    scalarB(start, column), scalarB(start, column + 1u), scalarB(start, column + 2u), scalarB(start, column + 3u),
  );
}

fn scalarB(start: u32, column: u32) -> f32 {
  if (column >= params.columns) {
    return 0.0;
  }
  return wordB((start + column) / 4u)[(start + column) % 4u];
}
