// The sizes and the windows' places for the pooling kernels that take any windows. Joined behind order.wgsl.
//
// Prelude: VECTOR: channels is a multiple of 4; then an element stands for itself and the three behind it.

struct Params {
  count: u32, height: u32, width: u32, channels: u32, outputHeight: u32, outputWidth: u32, size: u32, stride: u32,
}

/// The element of x in the upper left corner of the window whose result is `element` of y.
fn cornerOf(element: u32) -> u32 {
  let c = element % params.channels;
  let window = element / params.channels;
  let j = window % params.outputWidth;
  let i = window / params.outputWidth % params.outputHeight;
  let n = window / params.outputWidth / params.outputHeight;
  return ((n * params.height + i * params.stride) * params.width + j * params.stride) * params.channels + c;
}
