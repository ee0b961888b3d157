// The derivative of the activation, from its value y; the constant ACTIVATION counts as in activation.wgsl. A leaky
// ReLU keeps the sign only if its slope is not negative, which the host sees to. At zero the slope below counts.

fn activationSlope(y: vec4f, slope: f32) -> vec4f {
  if (ACTIVATION == 1u) {
    return select(vec4f(), vec4f(1.0), y > vec4f());
  }
  if (ACTIVATION == 2u) {
    return select(vec4f(slope), vec4f(1.0), y > vec4f());
  }
  if (ACTIVATION == 3u) {
    return (1.0 - y) * (1.0 + y);
  }
  if (ACTIVATION == 4u) {
    return y * (1.0 - y);
  }
  return vec4f(1.0);
}
