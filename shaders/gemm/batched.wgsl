// y[s] = a[s] × b[s] for each s of a stack of matrices.
//
// Layout: a [batch, rows, inner], or [batch, inner, rows] with TRANSPOSE_A; b [batch, inner, columns], or [batch, columns, inner]
// with TRANSPOSE_B; y [batch, rows, columns]. A stack may be a single matrix that serves every s: its stride is 0.
//
// Prelude: TRANSPOSE_A, TRANSPOSE_B.
//
// @binding(0) a: array<f32>  read
// @binding(1) b: array<f32>  read
// @binding(2) y: array<f32>  written
// @binding(3) params         rows, inner, columns; tiles across, tiles down; tiles in all; strides of the stacks
//
// A workgroup owns a tile of 16 x 16 values of one y, an invocation one of them. The workgroup loads 16 x 16 tiles of a and b
// into its memory, so each value of a and of b is read once for 16 products. The sum runs over inner in order: fixed bits.

const TILE = 16u;

struct Params {
  rows: u32, inner: u32, columns: u32, tilesAcross: u32, tilesDown: u32, tiles: u32, aStride: u32, bStride: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> tileOfA: array<f32, 256>;
var<workgroup> tileOfB: array<f32, 256>;

fn valueOfA(matrix: u32, row: u32, k: u32) -> f32 {
  if (row >= params.rows || k >= params.inner) {
    return 0.0;
  }
  let place = select(row * params.inner + k, k * params.rows + row, TRANSPOSE_A);
  return a[matrix * params.aStride + place];
}

fn valueOfB(matrix: u32, k: u32, column: u32) -> f32 {
  if (k >= params.inner || column >= params.columns) {
    return 0.0;
  }
  let place = select(k * params.columns + column, column * params.inner + k, TRANSPOSE_B);
  return b[matrix * params.bStride + place];
}

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let tile = group.y * groups.x + group.x;
  if (tile >= params.tiles) {
    return;
  }
  let tileRow = tile / params.tilesAcross;
  let matrix = tileRow / params.tilesDown;
  let row = (tileRow % params.tilesDown) * TILE + local.y;
  let column = (tile % params.tilesAcross) * TILE + local.x;
  var sum = 0.0;
  for (var first = 0u; first < params.inner; first += TILE) {
    tileOfA[local.y * TILE + local.x] = valueOfA(matrix, row, first + local.x);
    tileOfB[local.y * TILE + local.x] = valueOfB(matrix, first + local.y, column);
    workgroupBarrier();
    for (var k = 0u; k < TILE; k++) {
      sum += tileOfA[local.y * TILE + k] * tileOfB[k * TILE + local.x];
    }
    workgroupBarrier();
  }
  if (row < params.rows && column < params.columns) {
    y[(matrix * params.rows + row) * params.columns + column] = sum;
  }
}
