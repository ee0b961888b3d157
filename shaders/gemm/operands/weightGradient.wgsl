// Operands of a convolution's gradient by its weights, and of a matrix product whose left matrix is transposed.
//
//   C[(tap, channel), column] = sum over output pixels of A[pixel met by tap, channel] * B[pixel, column]
//
// A row is one tap and one channel of the kernel. The inner loop runs over the output's pixels, image by image and line
// by line; a pixel's place in the source is decoded from its number, once for all rows that a lane reads.
// transpose(X) * Y is the case of one tap on an image of one line.
//
// Where C is small the pixels are cut into parts that are summed side by side, so that a GPU has work for all of its
// processors ("split K"); parts.wgsl then adds them up, always in the same order.
//
// Layout: A source NHWC, [images, sourceHeight, sourceWidth, channels]; B output's gradient NHWC with `columns`
// channels (see gradientRows.wgsl and panels.wgsl, which read it); C weights HWIO, [kernelHeight, kernelWidth, channels,
// columns].
//
// Constants: VECTOR_K (the inner loop ends at the last pixel exactly), INTEGER_QUOTIENT (see ../quotient.wgsl).
// loadRowsA needs channels to be a multiple of 4.
//
// @binding(0) A       source               read by memory/buffers.wgsl or texels.wgsl
// @binding(1) B       output's gradient    read there
// @binding(2) C       weights' gradient    written; with several parts [parts, ...]
// @binding(3) params

struct Params {
  rows: u32, // kernelHeight x kernelWidth x channels
  columns: u32,
  channels: u32,
  pixels: u32, // images x outputHeight x outputWidth
  sourceHeight: u32,
  sourceWidth: u32,
  outputHeight: u32,
  outputWidth: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  top: u32,
  left: u32,
  parts: u32,
  pixelsInPart: u32, // a multiple of 8 where there are several parts
}

@group(0) @binding(2) var<storage, read_write> C: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

// A phase is a part of the pixels.
alias Phase = u32;

// A row of A: the tap's place relative to the patch's corner (which may be negative, and then wraps round), and the
// index of its channel there relative to the corner's first.
struct Row {
  y: u32,
  x: u32,
  offset: u32,
}

fn phaseCount() -> u32 {
  return params.parts;
}

fn phaseOf(index: u32) -> Phase {
  return index;
}

fn rowOf(index: u32, phase: Phase) -> Row {
  let row = min(index, params.rows - 1u);
  let tap = row / params.channels;
  let y = tap / params.kernelWidth - params.top;
  let x = tap % params.kernelWidth - params.left;
  return Row(y, x, (y * params.sourceWidth + x) * params.channels + row % params.channels);
}

fn segmentCount(phase: Phase) -> u32 {
  return 1u;
}

fn segmentLength(phase: Phase) -> u32 {
  return min(params.pixelsInPart, params.pixels - phase * params.pixelsInPart);
}

// The first pixel.
alias PointerA = u32;

fn pointA(row: Row, phase: Phase, segment: u32) -> PointerA {
  return phase * params.pixelsInPart;
}

fn rowOfTap(phase: Phase, segment: u32) -> u32 {
  return phase * params.pixelsInPart;
}

fn rowsOfB() -> u32 {
  return params.pixels;
}

// The source pixels that the patches' corners meet, of four output pixels: lines and places in them, and the index of the
// first channel there.
struct Corners {
  y: vec4u,
  x: vec4u,
  index: vec4u,
}

fn cornersOf(pixels: vec4u) -> Corners {
  let lines = quotients(pixels, params.outputWidth);
  let images = quotients(lines, params.outputHeight);
  let y = (lines - images * params.outputHeight) * params.strideY;
  let x = (pixels - lines * params.outputWidth) * params.strideX;
  return Corners(y, x, ((images * params.sourceHeight + y) * params.sourceWidth + x) * params.channels);
}

// The row's value at pixels k .. k + 3 of the part; zeros in the padding and behind the last pixel. What lies above or left of the
// source wraps round to a large number, so that one comparison covers both ends.
fn loadA(row: Row, phase: Phase, pointer: PointerA, k: u32) -> vec4f {
  let pixels = pointer + vec4u(k, k + 1u, k + 2u, k + 3u);
  let corners = cornersOf(pixels);
  let index = corners.index + row.offset;
  var inside = (corners.y + row.y < vec4u(params.sourceHeight)) & (corners.x + row.x < vec4u(params.sourceWidth));
  if (!VECTOR_K) {
    inside &= pixels < vec4u(params.pixels);
  }
  return select(vec4f(), vec4f(scalarA(index.x), scalarA(index.y), scalarA(index.z), scalarA(index.w)), inside);
}

// Rows row .. row + 3 at pixel k of the part, `row` being a multiple of 4: four channels that lie side by side.
fn loadRowsA(row: Row, phase: Phase, pointer: PointerA, k: u32) -> vec4f {
  let corners = cornersOf(vec4u(pointer + k));
  var inside = corners.y.x + row.y < params.sourceHeight && corners.x.x + row.x < params.sourceWidth;
  if (!VECTOR_K) {
    inside &= pointer + k < params.pixels;
  }
  return select(vec4f(), wordA((corners.index.x + row.offset) / 4u), inside);
}

fn scalarA(index: u32) -> f32 {
  return wordA(index / 4u)[index % 4u];
}

fn store(index: u32, phase: Phase, column: u32, sum: vec4f) {
  if (index < params.rows) {
    storeFour(phase * params.rows + index, column, sum);
  }
}
