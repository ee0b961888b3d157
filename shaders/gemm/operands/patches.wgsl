// Operands of a product whose left matrix is read straight out of an image: conv2d, convTranspose2d and matmul.
//
//   C[row, column] = activation(bias[column] + sum over taps, sum over k of A[pixel(row, tap), k] * B[tap, k, column])
//
// A row is an output pixel; its patch is gathered tap by tap from the source image where it lies, so the im2col matrix
// never exists in memory. A matrix product is the case of one tap on an image of one line.
//
// TRANSPOSED: the adjoint of a convolution (convTranspose2d, and conv2d's gradient by its input). Output pixels fall
// into stride x stride phases, along an axis no more than it has pixels. In each phase the same taps of the kernel meet
// the source, so no product with an inserted zero is ever computed. A row is then a pixel of one phase.
//
// Layout: source NHWC, [images, sourceHeight, sourceWidth, depth]; output NHWC with `columns` channels.
// Weights: see weights.wgsl and panels.wgsl, which read them.
//
// Constants: TRANSPOSED,
//   PADDED     the window may leave the source
//   VECTOR_K   depth is a multiple of 4: A is read in whole vec4s, and no product hangs over the end
//   HAS_BIAS, ACTIVATION (see common/activation.wgsl), INTEGER_QUOTIENT (see ../quotient.wgsl)
//
// @binding(0) A       source           read by memory/buffers.wgsl or texels.wgsl
// @binding(1) B       weights          read there
// @binding(2) bias    [columns]        read; any buffer where HAS_BIAS is false
// @binding(3) C       output           written
// @binding(4) params

struct Params {
  rows: u32, // of one phase
  columns: u32,
  depth: u32, // channels of the source
  weightRows: u32, // rows of B for a tap: the depth, less what the source is filled up with
  gridHeight: u32, // rows are images x gridHeight x gridWidth
  gridWidth: u32,
  sourceHeight: u32,
  sourceWidth: u32,
  outputHeight: u32,
  outputWidth: u32,
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  top: u32,
  left: u32,
  slope: f32, // of the leaky ReLU
}

@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

// The part of the output that a workgroup works on: which taps of the kernel it meets.
struct Phase {
  y: u32,
  x: u32,
  firstTapY: u32,
  firstTapX: u32,
  tapsY: u32,
  tapsX: u32,
}

// A row of A: the image's first pixel, and the source pixel that tap (0, 0) meets.
struct Row {
  image: u32,
  y: i32,
  x: i32,
}

fn phasesAcross() -> u32 {
  return min(params.strideX, params.outputWidth);
}

fn phaseCount() -> u32 {
  return select(1u, min(params.strideY, params.outputHeight) * phasesAcross(), TRANSPOSED);
}

fn phaseOf(index: u32) -> Phase {
  if (!TRANSPOSED) {
    return Phase(0u, 0u, 0u, 0u, params.kernelHeight, params.kernelWidth);
  }
  let y = index / phasesAcross();
  let x = index % phasesAcross();
  let tapY = (y + params.top) % params.strideY;
  let tapX = (x + params.left) % params.strideX;
  return Phase(
    y, x, tapY, tapX,
    (max(params.kernelHeight, tapY) - tapY + params.strideY - 1u) / params.strideY,
    (max(params.kernelWidth, tapX) - tapX + params.strideX - 1u) / params.strideX,
  );
}

fn rowOf(index: u32, phase: Phase) -> Row {
  let row = min(index, params.rows - 1u);
  let x = row % params.gridWidth;
  let line = row / params.gridWidth;
  let y = line % params.gridHeight;
  let image = line / params.gridHeight * params.sourceHeight * params.sourceWidth;
  if (TRANSPOSED) {
    return Row(
      image,
      i32(y + (phase.y + params.top - phase.firstTapY) / params.strideY),
      i32(x + (phase.x + params.left - phase.firstTapX) / params.strideX),
    );
  }
  return Row(image, i32(y * params.strideY) - i32(params.top), i32(x * params.strideX) - i32(params.left));
}

// The kernel's taps are the segments of the inner loop.
fn segmentCount(phase: Phase) -> u32 {
  return phase.tapsY * phase.tapsX;
}

fn segmentLength(phase: Phase) -> u32 {
  return params.depth;
}

// Index of the first channel of the source pixel that a tap meets; -1 in the padding.
fn sourcePixel(row: Row, phase: Phase, tap: u32) -> i32 {
  let line = quotient(tap, phase.tapsX);
  let tapY = i32(line);
  let tapX = i32(tap - line * phase.tapsX);
  let y = select(row.y + tapY, row.y - tapY, TRANSPOSED);
  let x = select(row.x + tapX, row.x - tapX, TRANSPOSED);
  let inside = !PADDED || (y >= 0 && y < i32(params.sourceHeight) && x >= 0 && x < i32(params.sourceWidth));
  return select(-1, i32((row.image + u32(y) * params.sourceWidth + u32(x)) * params.depth), inside);
}

// Which row of B, the weights as [taps x depth, columns], a tap of the phase begins at.
fn rowOfTap(phase: Phase, tap: u32) -> u32 {
  let line = quotient(tap, phase.tapsX);
  let y = phase.firstTapY + line * select(1u, params.strideY, TRANSPOSED);
  let x = phase.firstTapX + (tap - line * phase.tapsX) * select(1u, params.strideX, TRANSPOSED);
  return (y * params.kernelWidth + x) * params.weightRows;
}

fn rowsOfB() -> u32 {
  return params.kernelHeight * params.kernelWidth * params.weightRows;
}

alias PointerA = i32;

fn pointA(row: Row, phase: Phase, segment: u32) -> PointerA {
  return sourcePixel(row, phase, segment);
}

// A[row, k .. k + 3]; zeros in the padding and behind the segment's end.
fn loadA(row: Row, phase: Phase, pointer: PointerA, k: u32) -> vec4f {
  let index = u32(max(pointer, 0)) + k;
  if (VECTOR_K && !PADDED) {
    return wordA((u32(pointer) + k) / 4u);
  }
  if (VECTOR_K) {
    return select(vec4f(), wordA(index / 4u), pointer >= 0);
  }
  let inside = vec4<bool>(pointer >= 0) & (vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth));
  return select(vec4f(), vec4f(scalarA(index), scalarA(index + 1u), scalarA(index + 2u), scalarA(index + 3u)), inside);
}

fn scalarA(index: u32) -> f32 {
  return wordA(index / 4u)[index % 4u];
}

// Bias, activation, and the four values into the output, where row and columns exist.
fn store(index: u32, phase: Phase, column: u32, sum: vec4f) {
  var pixel = index;
  var inside = index < params.rows;
  if (TRANSPOSED) {
    let line = index / params.gridWidth;
    let y = line % params.gridHeight * params.strideY + phase.y;
    let x = index % params.gridWidth * params.strideX + phase.x;
    inside &= y < params.outputHeight && x < params.outputWidth;
    pixel = (line / params.gridHeight * params.outputHeight + y) * params.outputWidth + x;
  }
  if (inside) {
    storeFour(pixel, column, activate(sum + biasOf(column), params.slope));
  }
}

fn biasOf(column: u32) -> vec4f {
  if (!HAS_BIAS) {
    return vec4f();
  }
  let c = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(params.columns - 1u));
  return vec4f(bias[c.x], bias[c.y], bias[c.z], bias[c.w]);
}
