// The right matrix of patches.wgsl: the weights, as they lie in memory.
//
// Layout: [kernelHeight, kernelWidth, depth, columns], or with WEIGHTS_BY_COLUMN [.., .., columns, depth].
//
// Constants: WEIGHTS_BY_COLUMN,
//   WHOLE_ROWS   weightRows is the depth, and a multiple of 4
//   VECTOR_N     columns is a multiple of 4
//   ONE_COLUMN   columns is 1 (then the weights' two layouts are one, and WEIGHTS_BY_COLUMN is set)

// Where the weights of a tap begin.
fn pointB(phase: Phase, segment: u32) -> u32 {
  return rowOfTap(phase, segment) * params.columns;
}

// B[k .. k + 3, column .. column + 3], a vec4 of columns for each k; zeros behind the last row.
fn loadB(phase: Phase, pointer: u32, k: u32, column: u32) -> mat4x4f {
  if (ONE_COLUMN && WHOLE_ROWS) {
    return transpose(mat4x4f(wordB((pointer + k) / 4u), vec4f(), vec4f(), vec4f()));
  }
  if (WEIGHTS_BY_COLUMN && WHOLE_ROWS) {
    // Four columns of four k each, then turned: as many reads as the other way round.
    let last = params.columns - 1u;
    let c = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(last)) * params.weightRows + pointer + k;
    return transpose(mat4x4f(wordB(c.x / 4u), wordB(c.y / 4u), wordB(c.z / 4u), wordB(c.w / 4u)));
  }
  if (!WEIGHTS_BY_COLUMN && WHOLE_ROWS && VECTOR_N) {
    let start = (pointer + k * params.columns + min(column, params.columns - 4u)) / 4u;
    let step = params.columns / 4u;
    return mat4x4f(wordB(start), wordB(start + step), wordB(start + 2u * step), wordB(start + 3u * step));
  }
  return mat4x4f(
    rowB(pointer, k, column), rowB(pointer, k + 1u, column), rowB(pointer, k + 2u, column), rowB(pointer, k + 3u, column),
  );
}

fn rowB(pointer: u32, k: u32, column: u32) -> vec4f {
  if (!WEIGHTS_BY_COLUMN && VECTOR_N) {
    let start = pointer + min(k, params.weightRows - 1u) * params.columns + min(column, params.columns - 4u);
    return select(vec4f(), wordB(start / 4u), k < params.weightRows);
  }
  return vec4f(
    scalarB(pointer, k, column), scalarB(pointer, k, column + 1u), scalarB(pointer, k, column + 2u), scalarB(pointer, k, column + 3u),
  );
}

fn scalarB(pointer: u32, k: u32, column: u32) -> f32 {
  if (k >= params.weightRows || column >= params.columns) {
    return 0.0;
  }
  let index = pointer + select(k * params.columns + column, column * params.weightRows + k, WEIGHTS_BY_COLUMN);
  return wordB(index / 4u)[index % 4u];
}
