// Which pixel of a source a tap of a sliding window meets, for im2col.wgsl and col2im.wgsl.
//
// Not TRANSPOSED the window slides over the source by the stride: grid pixel (y, x) meets source pixel
// (y * stride - top + kernelY, x * stride - left + kernelX). TRANSPOSED it is the other way round: the grid pixel that a
// window over the *grid* meets from there; with a stride of 2 only every other tap of each direction meets one.

struct Params {
  count: u32, // invocations
  gridHeight: u32,
  gridWidth: u32,
  sourceHeight: u32,
  sourceWidth: u32,
  kernelHeight: u32,
  kernelWidth: u32,
  strideY: u32,
  strideX: u32,
  top: u32,
  left: u32,
  channels: u32,
  pitch: u32,
  slope: f32, // of a leaky ReLU
}

struct Pixel {
  image: u32,
  y: u32,
  x: u32,
}

fn pixelOf(index: u32, params: Params) -> Pixel {
  let line = index / params.gridWidth;
  let image = line / params.gridHeight;
  return Pixel(image, line - image * params.gridHeight, index - line * params.gridWidth);
}

// Index of the source pixel that the tap meets; -1 where there is none.
fn sourceOf(pixel: Pixel, tapY: u32, tapX: u32, params: Params) -> i32 {
  // What is negative wraps round to a large number, and so lies outside as well.
  var y = pixel.y * params.strideY + tapY - params.top;
  var x = pixel.x * params.strideX + tapX - params.left;
  var meets = true;
  if (TRANSPOSED) {
    let fromY = pixel.y + params.top - tapY;
    let fromX = pixel.x + params.left - tapX;
    y = fromY / params.strideY;
    x = fromX / params.strideX;
    meets = y * params.strideY == fromY && x * params.strideX == fromX;
  }
  meets &= y < params.sourceHeight && x < params.sourceWidth;
  return select(-1, i32((pixel.image * params.sourceHeight + y) * params.sourceWidth + x), meets);
}
