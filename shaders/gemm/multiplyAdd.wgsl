// The inner step of every tile: four k of one row of A against a 4 x 4 block of B, added in ascending order of k.

fn multiplyAdd(a: vec4f, b: mat4x4f, sum: vec4f) -> vec4f {
  return fma(vec4f(a.w), b[3], fma(vec4f(a.z), b[2], fma(vec4f(a.y), b[1], fma(vec4f(a.x), b[0], sum))));
}
