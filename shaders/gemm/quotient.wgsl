// floor(a / b) for indices. Without INTEGER_QUOTIENT by way of floats, for a below 1677722: an integer division of vectors
// runs lane by lane on a software device, and takes dozens of instructions on a GPU.
//
// Range. a + 1/2 is exact in float32 below 2^23. The exact quotient (a + 1/2) / b lies at least 1 / (2b) from any integer.
// WGSL lets a division be off by 2.5 ulp, and an ulp is at most 2^-23 of the quotient. So the result has the right floor
// as long as 2.5 * 2^-23 * (a + 1/2) / b < 1 / (2b), that is a + 1/2 < 2^23 / 5 = 1677721.6. A divisor from 2^24 on is
// rounded to a float, but then the quotient is far below 1, and its floor is 0 as it should be.
//
// Constants: INTEGER_QUOTIENT (an a may be outside the range: then the integers are divided).

fn quotient(a: u32, b: u32) -> u32 {
  if (INTEGER_QUOTIENT) {
    return a / b;
  }
  return u32((f32(a) + 0.5) / f32(b));
}

fn quotients(a: vec4u, b: u32) -> vec4u {
  if (INTEGER_QUOTIENT) {
    return a / b;
  }
  return vec4u((vec4f(a) + 0.5) / f32(b));
}
