// The kernel of the transposed convolution with stride 2 that equals an up-sampling by nearest neighbour and a convolution; and
// the adjoint of this map, which has the same form:
//
//   y[i, j, c, r] = sum over a, b in {0, 1} of x[shorter - 1 - i + a, narrower - 1 - j + b, r, c],  0 outside of x
//
// Taps are summed in twos along both axes, turned round, and the last two axes change places.
//
// Layout: x [height, width, rows, columns], y [height ± 1, width ± 1, columns, rows]; shorter and narrower are the lesser
// of x's and y's heights and widths.
//
// With VECTOR an invocation owns 4 rows x 4 columns of y at all taps of a line. It reads each tap of the two lines of x that they
// sum once, in whole vec4s that are turned in registers; neighbours read and write side by side. Else an invocation owns four
// consecutive values of y.
//
// Constants: VECTOR (rows and columns are multiples of 4).
//
// @binding(0) x         read
// @binding(1) y         written
// @binding(2) params

struct Params {
  count: u32, // invocations
  height: u32, // of x
  width: u32,
  rows: u32,
  columns: u32,
  yWidth: u32,
  shorter: u32,
  narrower: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(i: u32) {
  if (VECTOR) {
    blocksOfLine(i);
    return;
  }
  y[i] = vec4f(valueAt(4u * i), valueAt(4u * i + 1u), valueAt(4u * i + 2u), valueAt(4u * i + 3u));
}

fn blocksOfLine(i: u32) {
  let rowWords = params.rows / 4u;
  let columnWords = params.columns / 4u;
  let row = i % rowWords;
  let column = i / rowWords % columnWords;
  let line = i / rowWords / columnWords;
  var before = linePair(line, params.narrower, row, column);
  for (var j = 0u; j < params.yWidth; j++) {
    // Left of the first tap the index wraps round, and so lies outside as well.
    let next = linePair(line, params.narrower - 1u - j, row, column);
    let block = transpose(before + next);
    let to = ((line * params.yWidth + j) * params.columns + column * 4u) * rowWords + row;
    for (var k = 0u; k < 4u; k++) {
      y[to + k * rowWords] = block[k];
    }
    before = next;
  }
}

// A block of x at one tap of the two lines that a line of y sums.
fn linePair(line: u32, tapX: u32, row: u32, column: u32) -> mat4x4f {
  let first = params.shorter - 1u - line;
  return blockAt(first, tapX, row, column) + blockAt(first + 1u, tapX, row, column);
}

fn blockAt(tapY: u32, tapX: u32, row: u32, column: u32) -> mat4x4f {
  if (tapY >= params.height || tapX >= params.width) {
    return mat4x4f();
  }
  let step = params.columns / 4u;
  let start = ((tapY * params.width + tapX) * params.rows + row * 4u) * step + column;
  return mat4x4f(x[start], x[start + step], x[start + 2u * step], x[start + 3u * step]);
}

fn valueAt(element: u32) -> f32 {
  let row = element % params.rows;
  let column = element / params.rows % params.columns;
  let tap = element / params.rows / params.columns;
  let tapY = params.shorter - 1u - tap / params.yWidth;
  let tapX = params.narrower - 1u - tap % params.yWidth;
  return scalarAt(tapY, tapX, row, column) + scalarAt(tapY + 1u, tapX, row, column)
    + (scalarAt(tapY, tapX + 1u, row, column) + scalarAt(tapY + 1u, tapX + 1u, row, column));
}

fn scalarAt(tapY: u32, tapX: u32, row: u32, column: u32) -> f32 {
  if (tapY >= params.height || tapX >= params.width) {
    return 0.0;
  }
  let element = ((tapY * params.width + tapX) * params.rows + row) * params.columns + column;
  return x[element / 4u][element % 4u];
}
