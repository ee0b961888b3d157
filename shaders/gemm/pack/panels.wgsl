// Carries the right matrix of a product over into panels: [panels, rows, COLUMN_LANES] texels of four columns, `rows` filled up
// with zeros to a multiple of 8 and the columns to whole panels (see operands/panels.wgsl).
//
// Source: [taps, depth, columns], or with BY_COLUMN [taps, columns, depth]; rows are taps x depth.
//
// An invocation owns four rows of four columns: four reads and four texels in either layout, which BY_COLUMN turns on the
// way.
//
// Constants: BY_COLUMN (needs depth to be a multiple of 4), VECTOR_N (columns is a multiple of 4), COLUMN_LANES.
// gemm/quotient.wgsl goes before.
//
// @binding(0) source    read
// @binding(1) texels    written
// @binding(2) params

struct Params {
  rows: u32,
  depth: u32,
  columns: u32,
  blocks: u32, // of four rows, filled up, in a panel
  count: u32, // invocations
}

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var texels: texture_storage_2d<rgba32float, write>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(i: u32) {
  let lane = i % COLUMN_LANES;
  let block = i / COLUMN_LANES;
  let panel = quotient(block, params.blocks);
  let row = (block - panel * params.blocks) * 4u;
  let column = (panel * COLUMN_LANES + lane) * 4u;
  let four = load(row, column);
  for (var r = 0u; r < 4u; r++) {
    let texel = (block * 4u + r) * COLUMN_LANES + lane;
    textureStore(texels, vec2u(texel % 1024u, texel / 1024u), four[r]);
  }
}

// Rows row .. row + 3, a vec4 of columns each.
fn load(row: u32, column: u32) -> mat4x4f {
  if (BY_COLUMN) {
    // Depth is a multiple of 4, so that the four rows are of one tap.
    let tap = quotient(row, params.depth);
    let start = tap * params.depth * params.columns + row - tap * params.depth;
    return transpose(mat4x4f(
      rowsOf(start, row, column), rowsOf(start, row, column + 1u), rowsOf(start, row, column + 2u), rowsOf(start, row, column + 3u),
    ));
  }
  return mat4x4f(
    columnsOf(row, column), columnsOf(row + 1u, column), columnsOf(row + 2u, column), columnsOf(row + 3u, column),
  );
}

fn rowsOf(start: u32, row: u32, column: u32) -> vec4f {
  if (row >= params.rows || column >= params.columns) {
    return vec4f();
  }
  return source[(start + column * params.depth) / 4u];
}

fn columnsOf(row: u32, column: u32) -> vec4f {
  if (row >= params.rows || column >= params.columns) {
    return vec4f();
  }
  let index = row * params.columns + column;
  if (VECTOR_N) {
    return source[index / 4u];
  }
  let inside = vec4u(column) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.columns);
  return select(vec4f(), vec4f(scalar(index), scalar(index + 1u), scalar(index + 2u), scalar(index + 3u)), inside);
}

fn scalar(index: u32) -> f32 {
  return source[index / 4u][index % 4u];
}
