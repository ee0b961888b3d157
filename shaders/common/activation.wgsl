// The activation in a kernel's epilogue, picked by the constant ACTIVATION:
// 0 none, 1 ReLU, 2 leaky ReLU with `slope` below zero, 3 tanh, 4 sigmoid.
// Joined behind common/nan.wgsl and common/smooth.wgsl. A NaN stays one: a run that diverges shows it.

fn activate(x: vec4f, slope: f32) -> vec4f {
  if (ACTIVATION == 1u) {
    return keepNan(x, select(x, vec4f(), x < vec4f()));
  }
  if (ACTIVATION == 2u) {
    return keepNan(x, select(x, slope * x, x < vec4f()));
  }
  if (ACTIVATION == 3u) {
    return keepNan(x, tanhRational(x));
  }
  if (ACTIVATION == 4u) {
    return keepNan(x, sigmoid(x));
  }
  return x;
}
