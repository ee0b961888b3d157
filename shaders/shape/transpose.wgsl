// y[..., i, j] = x[..., j, i]: the last two axes of y read from x where their strides are 1 and params.stride.
//
// Layout: y is row-major over params.axes (up to four), then rows, then columns. x holds neighbours along y's rows side
// by side, neighbours along y's columns params.stride words apart. Rows, columns and all strides are divisible by four;
// strides and the row and column counts are given in words.
// One invocation owns a block of 4 x 4 values of y, a workgroup 8 x 8 blocks.
//
// Joined behind common/workgroups.wgsl. Prelude: LANES is 64. OUTER: axes before the last two; a constant, so that the loop over them is unrolled.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           rows, columns, stride; tilesDown, tilesAcross, count (tiles in all);
//                              axes: length, stride in x
//
// Bound by memory: both loads and stores are 16 bytes, eight invocations side by side covering 128 bytes of one row
// either way; the blocks turn in registers, without workgroup memory and barriers.

struct Params {
  rows: u32, columns: u32, stride: u32, tilesDown: u32, tilesAcross: u32, count: u32, axes: array<vec4u, 4>,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(tile: u32, lane: u32) {
  let tileRow = tile / params.tilesAcross;
  let slice = tileRow / params.tilesDown;
  let row = (tileRow % params.tilesDown) * 8u + lane % 8u;
  let column = (tile % params.tilesAcross) * 8u + lane / 8u;
  if (row >= params.rows || column >= params.columns) {
    return;
  }
  var rest = slice;
  var at = row + column * 4u * params.stride;
  for (var axis = OUTER; axis > 0u; axis--) {
    let entry = params.axes[axis - 1u];
    at += (rest % entry.x) * entry.y;
    rest /= entry.x;
  }
  let block = mat4x4f(x[at], x[at + params.stride], x[at + 2u * params.stride], x[at + 3u * params.stride]);
  let turned = transpose(block);
  let to = (slice * params.rows + row) * 4u * params.columns + column;
  y[to] = turned[0];
  y[to + params.columns] = turned[1];
  y[to + 2u * params.columns] = turned[2];
  y[to + 3u * params.columns] = turned[3];
}
