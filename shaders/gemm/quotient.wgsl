// floor(a / b) for a below 2^22, by way of floats: an integer division of vectors runs lane by lane on a software device,
// and takes dozens of instructions on a GPU. The half keeps the quotient 1 / (2b) away from any integer, which is more
// than the division's rounding, a / b * 2^-24.

fn quotient(a: u32, b: u32) -> u32 {
  return u32((f32(a) + 0.5) / f32(b));
}

fn quotients(a: vec4u, b: u32) -> vec4u {
  return vec4u((vec4f(a) + 0.5) / f32(b));
}
