// dy · activation', from the activation's value y; the constant ACTIVATION counts as in common/activation.wgsl. A leaky ReLU
// keeps the sign only if its slope is not negative, which the host sees to. At zero the slope below counts.
//
// Joined behind common/nan.wgsl. A NaN in y or dy gives NaN, even where ReLU passes nothing on. An infinite dy is dropped there.

fn activationGradient(dy: vec4f, y: vec4f, slope: f32) -> vec4f {
  if (ACTIVATION == 1u) {
    return keepNan(y, keepNan(dy, select(vec4f(), dy, y > vec4f())));
  }
  if (ACTIVATION == 2u) {
    return keepNan(y, dy * select(vec4f(slope), vec4f(1.0), y > vec4f()));
  }
  if (ACTIVATION == 3u) {
    return dy * ((1.0 - y) * (1.0 + y));
  }
  if (ACTIVATION == 4u) {
    return dy * (y * (1.0 - y));
  }
  return dy;
}
