// Four values of N(0, 1) from four uniforms on [0, 1), by Box and Muller's transform (1958, "A note on the generation of
// random normal deviates"), two pairs. The logarithm's argument is one unit up, on (0, 1], which excludes log 0 and bounds
// |normal| by sqrt(2 · 24 · ln 2) = 5.77. The angle is taken from [-π, π), where WGSL states the accuracy of sin and cos.
//
// Joined behind philox.wgsl and before what draws normals.

const UNIT = 0x1p-24f;
const TAU = 6.283185307179586;

/// A word gives its upper 24 bits, as many as a float32 below 1 holds, so that every value is exact and 1 is never reached.
fn uniformsOf(words: vec4u) -> vec4f {
  return vec4f(words >> vec4u(8u)) * UNIT;
}

fn normalsOf(uniforms: vec4f) -> vec4f {
  // max: a logarithm that rounds to the wrong side of 0, near 1, must not reach the root.
  let radius = sqrt(max(-2.0 * log(uniforms.xz + UNIT), vec2f()));
  let angle = TAU * (uniforms.yw - 0.5);
  return vec4f(radius.x * cos(angle.x), radius.x * sin(angle.x), radius.y * cos(angle.y), radius.y * sin(angle.y));
}
