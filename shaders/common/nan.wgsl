// NaN and infinity, found by their bits.
//
// WGSL lets a compiler assume that no value is NaN or infinite: select(x, 0, x < 0) may become max(x, 0), which drops a
// NaN, and x != x may become false. A test of bits is integer arithmetic, which no such assumption touches.

const MAGNITUDE = vec4u(0x7fffffffu);
const INFINITY_BITS = vec4u(0x7f800000u);

fn isNan(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & MAGNITUDE) > INFINITY_BITS;
}

fn isInfinite(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & MAGNITUDE) == INFINITY_BITS;
}

/// y, or x where x is NaN: what a function of x returns if it compares, so that a run that diverges shows it.
fn keepNan(x: vec4f, y: vec4f) -> vec4f {
  return select(y, x, isNan(x));
}

/// x, or NaN where x is infinite: for a variance that overflowed. A division by it gives 0, as if all were well.
fn infinityToNan(x: vec4f) -> vec4f {
  return select(x, bitcast<vec4f>(bitcast<vec4u>(x) | vec4u(0x00400000u)), isInfinite(x));
}
