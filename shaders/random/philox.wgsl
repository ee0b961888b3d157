// Philox4x32-10: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
// https://www.thesalmons.org/john/random123/papers/random123sc11.pdf
//
// A keyed bijection of 128 bits: the same counter and key give the same four words, on any device and in any order,
// so an invocation needs no state but its own index. The other files of this folder are joined behind this one.

/// The high 32 bits of the 64-bit product. WGSL has no such product, so it is put together from 16-bit halves.
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  // Neither sum overflows: (2^16 - 1)² + 2 (2^16 - 1) = 2^32 - 1.
  let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
  let carried = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (carried >> 16u);
}

fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiplyHigh(0xD2511F53u, c.x);
    let high1 = multiplyHigh(0xCD9E8D57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, 0xCD9E8D57u * c.z, high0 ^ c.w ^ k.y, 0xD2511F53u * c.x);
    // Weyl sequences of the golden ratio and of sqrt(3) - 1.
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}
