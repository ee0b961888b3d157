// Which pixel of a source a tap of a sliding window meets, for im2col.wgsl and col2im.wgsl.
//
// Not TRANSPOSED the window slides over the source by the stride: grid pixel (y, x) meets source pixel
// (y * stride - top + kernelY, x * stride - left + kernelX). TRANSPOSED it is the other way round: the grid pixel that a
// window over the *grid* meets from there; with a stride of 2 only every other tap of each direction meets one.
//
// The sizes by which indices are divided are constants, CHANNELS, PITCH, KERNEL_WIDTH, GRID_HEIGHT, GRID_WIDTH, STRIDE_Y and
// STRIDE_X: the compiler then multiplies instead, where a division of integers by a uniform costs lavapipe some 250 cycles.

struct Params {
  count: u32, // invocations
  sourceHeight: u32,
  sourceWidth: u32,
  kernelHeight: u32,
  top: u32,
  left: u32,
  slope: f32, // of a leaky ReLU
}

struct Pixel {
  image: u32,
  y: u32,
  x: u32,
}

fn pixelOf(index: u32) -> Pixel {
  let line = index / GRID_WIDTH;
  let image = line / GRID_HEIGHT;
  return Pixel(image, line - image * GRID_HEIGHT, index - line * GRID_WIDTH);
}

// Index of the source pixel that the tap meets; -1 where there is none.
fn sourceOf(pixel: Pixel, tapY: u32, tapX: u32) -> i32 {
  // What is negative wraps round to a large number, and so lies outside as well.
  var y = pixel.y * STRIDE_Y + tapY - params.top;
  var x = pixel.x * STRIDE_X + tapX - params.left;
  var meets = true;
  if (TRANSPOSED) {
    let fromY = pixel.y + params.top - tapY;
    let fromX = pixel.x + params.left - tapX;
    y = fromY / STRIDE_Y;
    x = fromX / STRIDE_X;
    meets = y * STRIDE_Y == fromY && x * STRIDE_X == fromX;
  }
  meets &= y < params.sourceHeight && x < params.sourceWidth;
  return select(-1, i32((pixel.image * params.sourceHeight + y) * params.sourceWidth + x), meets);
}
