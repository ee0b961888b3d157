// Smooth functions that builtins compute too loosely or let overflow. lavapipe's tanh is 1 % off at 1e-6.

// log(1 + e) for e in [0, 1], relative error some 2^-23 however small e is: 2 artanh(e / (2 + e)), whose series in
// s <= 1/3 is cut off at 2^-26.
fn log1p(e: vec4f) -> vec4f {
  let s = e / (2.0 + e);
  let q = s * s;
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (0.2 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q / 13.0))))));
}

// e / (1 + e) or 1 / (1 + e), e = exp(-|v|): no exp overflows.
fn sigmoid(v: vec4f) -> vec4f {
  let e = exp(-abs(v));
  return select(vec4f(1.0), e, v < vec4f()) / (1.0 + e);
}

// The rational minimax approximation of Eigen (generic_fast_tanh_float): a few ulp over [-9, 9], outside of which
// tanh is 1 in float32. Beyond, the polynomials overflow; what they give there is not selected.
fn tanhRational(v: vec4f) -> vec4f {
  let q = v * v;
  var above = q * -2.76076847742355e-16 + 2.00018790482477e-13;
  above = q * above - 8.60467152213735e-11;
  above = q * above + 5.12229709037114e-08;
  above = q * above + 1.48572235717979e-05;
  above = q * above + 6.37261928875436e-04;
  above = q * above + 4.89352455891786e-03;
  var below = q * 1.19825839466702e-06 + 1.18534705686654e-04;
  below = q * below + 2.26843463243900e-03;
  below = q * below + 4.89352518554385e-03;
  let limit = vec4f(7.9);
  let inside = select(v, clamp(v * above / below, vec4f(-1.0), vec4f(1.0)), abs(v) < limit);
  return select(select(inside, vec4f(1.0), v >= limit), vec4f(-1.0), v <= -limit);
}
