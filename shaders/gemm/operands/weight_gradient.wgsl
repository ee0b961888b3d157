// Operands of a convolution's gradient by its weights, and of a matrix product whose left matrix is transposed.
//
//   C[(tap, channel), column] = sum over output pixels of A[pixel met by tap, channel] * B[pixel, column]
//
// A row is one tap and one channel of the kernel. The inner loop runs over the output's pixels, line by line: a line
// is a segment, so that image and line are decoded once for its whole length. transpose(X) * Y is the case of one tap
// on an image of one line.
//
// Layout: A source NHWC, [images, sourceHeight, sourceWidth, channels]; B output's gradient NHWC with `columns`
// channels; C weights HWIO, [kernelHeight, kernelWidth, channels, columns].
//
// Constants: VECTOR_K (the output's lines are multiples of 4 long), VECTOR_N (columns is a multiple of 4).
// loadRowsA needs channels to be a multiple of 4.
//
// @binding(0) A       source               read, as vec4s (buffers are padded to 16 bytes)
// @binding(1) B       output's gradient    read, as vec4s
// @binding(2) C       weights' gradient    written
// @binding(3) params

struct Params {
  rows: u32, // kernelHeight x kernelWidth x channels
  columns: u32,
  channels: u32,
  images: u32,
  sourceHeight: u32,
  sourceWidth: u32,
  outputHeight: u32,
  outputWidth: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  top: u32,
  left: u32,
}

@group(0) @binding(0) var<storage, read> A: array<vec4f>;
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// There are no phases here; the name keeps the operands' functions alike.
alias Phase = u32;

// A row of A: the channel, and the tap's place relative to the patch's corner.
struct Row {
  channel: u32,
  y: i32,
  x: i32,
}

fn phaseCount() -> u32 {
  return 1u;
}

fn phaseOf(index: u32) -> Phase {
  return index;
}

fn rowOf(index: u32, phase: Phase) -> Row {
  let row = min(index, params.rows - 1u);
  let tap = row / params.channels;
  return Row(
    row % params.channels,
    i32(tap / params.kernelWidth) - i32(params.top),
    i32(tap % params.kernelWidth) - i32(params.left),
  );
}

fn segmentCount(phase: Phase) -> u32 {
  return params.images * params.outputHeight;
}

fn segmentLength(phase: Phase) -> u32 {
  return params.outputWidth;
}

// The source line that the row's tap meets: the index of the row's channel at the place x = 0 of the tap, which may
// lie left of the line and then wraps round, and the line's width, 0 in the padding above and below.
struct PointerA {
  start: u32,
  width: u32,
}

fn pointA(row: Row, phase: Phase, segment: u32) -> PointerA {
  let image = quotient(segment, params.outputHeight);
  let y = (segment - image * params.outputHeight) * params.strideY + u32(row.y);
  let line = (image * params.sourceHeight + y) * params.sourceWidth + u32(row.x);
  return PointerA(line * params.channels + row.channel, select(0u, params.sourceWidth, y < params.sourceHeight));
}

fn pointB(phase: Phase, segment: u32) -> u32 {
  return segment * params.outputWidth * params.columns;
}

// The row's value at pixels k .. k + 3 of the line; zeros in the padding and behind the line's end. What lies left of
// the line wraps round to a large x, so that one comparison covers both ends.
fn loadA(row: Row, phase: Phase, pointer: PointerA, k: u32) -> vec4f {
  let steps = vec4u(k, k + 1u, k + 2u, k + 3u) * params.strideX;
  let index = vec4u(pointer.start) + steps * params.channels;
  var inside = steps + vec4u(u32(row.x)) < vec4u(pointer.width);
  if (!VECTOR_K) {
    inside &= vec4u(k, k + 1u, k + 2u, k + 3u) < vec4u(params.outputWidth);
  }
  return select(vec4f(), vec4f(scalarA(index.x), scalarA(index.y), scalarA(index.z), scalarA(index.w)), inside);
}

// Rows row .. row + 3 at pixel k of the line, `row` being a multiple of 4: four channels that lie side by side.
fn loadRowsA(row: Row, phase: Phase, pointer: PointerA, k: u32) -> vec4f {
  let x = k * params.strideX;
  var inside = x + u32(row.x) < pointer.width;
  if (!VECTOR_K) {
    inside &= k < params.outputWidth;
  }
  return select(vec4f(), A[(pointer.start + x * params.channels) / 4u], inside);
}

fn scalarA(index: u32) -> f32 {
  return A[index / 4u][index % 4u];
}

// Pixels k .. k + 3 of the line, a vec4 of columns for each.
fn loadB(phase: Phase, pointer: u32, k: u32, column: u32) -> mat4x4f {
  if (VECTOR_K && VECTOR_N) {
    let start = (pointer + k * params.columns + min(column, params.columns - 4u)) / 4u;
    let step = params.columns / 4u;
    return mat4x4f(B[start], B[start + step], B[start + 2u * step], B[start + 3u * step]);
  }
  return mat4x4f(
    rowB(pointer, k, column), rowB(pointer, k + 1u, column), rowB(pointer, k + 2u, column), rowB(pointer, k + 3u, column),
  );
}

fn rowB(pointer: u32, k: u32, column: u32) -> vec4f {
  if (VECTOR_N) {
    // Behind the line's end A is zero, so any number will do: the next line's, or the last pixel's.
    let last = (params.images * params.outputHeight * params.outputWidth - 1u) * params.columns;
    return B[(min(pointer + k * params.columns, last) + min(column, params.columns - 4u)) / 4u];
  }
  return vec4f(
    scalarB(pointer, k, column), scalarB(pointer, k, column + 1u), scalarB(pointer, k, column + 2u), scalarB(pointer, k, column + 3u),
  );
}

fn scalarB(pointer: u32, k: u32, column: u32) -> f32 {
  if (k >= params.outputWidth || column >= params.columns) {
    return 0.0;
  }
  let index = pointer + k * params.columns + column;
  return B[index / 4u][index % 4u];
}

fn store(index: u32, phase: Phase, column: u32, sum: vec4f) {
  if (index < params.rows) {
    storeScalar(index, column, sum.x);
    storeScalar(index, column + 1u, sum.y);
    storeScalar(index, column + 2u, sum.z);
    storeScalar(index, column + 3u, sum.w);
  }
}

fn storeScalar(index: u32, column: u32, sum: f32) {
  if (column < params.columns) {
    C[index * params.columns + column] = sum;
  }
}
