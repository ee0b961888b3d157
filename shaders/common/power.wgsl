// x to the power y, value by value, as C's pow: a negative x takes integers only, and gives NaN otherwise.
//
// Whole exponents up to 127 are products of repeated squares, exact to a few roundings. WGSL's own pow is 2^(y log2 x) for any y,
// and undefined for a negative x.

const WHOLE_LIMIT = vec4f(127.0);

fn wholePower(x: vec4f, exponent: vec4u) -> vec4f {
  var result = vec4f(1.0);
  var square = x;
  for (var bit = 0u; bit < 7u; bit++) {
    let isSet = (exponent & vec4u(1u << bit)) != vec4u();
    result = select(result, result * square, isSet);
    square *= square;
  }
  return result;
}

fn power(x: vec4f, y: vec4f) -> vec4f {
  let size = abs(y);
  let isWhole = floor(size) == size;
  let isSmall = isWhole & (size <= WHOLE_LIMIT);
  let whole = wholePower(x, vec4u(min(size, WHOLE_LIMIT)));
  let magnitude = exp2(y * log2(abs(x)));
  let isOdd = floor(size * 0.5) * 2.0 != size;
  let signed = select(magnitude, -magnitude, (x < vec4f()) & isOdd);
  // Built from x at run time, since a constant NaN does not compile.
  let nan = bitcast<vec4f>(bitcast<vec4u>(x) | vec4u(0x7fc00000u));
  let general = select(signed, nan, (x < vec4f()) & !isWhole);
  return select(general, select(whole, 1.0 / whole, y < vec4f()), isSmall);
}
