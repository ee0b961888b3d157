// The error function, and the activations x Φ(x) (GELU: Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415) and
// x σ(v(x)) (GELU's tanh form with v = 2 sqrt(2/π) (x + 0.044715 x³); SiLU with v = x), with their derivatives ("slopes").
//
// Joined behind common/smooth.wgsl.

// A rational minimax approximation, within 4e-7 of erf everywhere and of its value near 0, kept within [-1, 1]. At the ends of
// [-3.83, 3.83] erf is 1 to half a unit in the last place. The coefficients are those of XLA (xla/client/lib/math.cc, ErfImpl32).
fn erf(v: vec4f) -> vec4f {
  let x = clamp(v, vec4f(-3.832506856900711), vec4f(3.832506856900711));
  let q = x * x;
  var above = q * 0.00022905065861350646 + 0.0034082910107109506;
  above = q * above + 0.050955695062380861;
  above = q * above + 0.18520832239976145;
  above = q * above + 1.128379143519084;
  var below = q * -1.1791602954361697e-7 + 0.000023547966471313185;
  below = q * below + 0.0010179625278914885;
  below = q * below + 0.014070470171167667;
  below = q * below + 0.11098505178285362;
  below = q * below + 0.49746925110067538;
  below = q * below + 1.0;
  return clamp(x * above / below, vec4f(-1.0), vec4f(1.0));
}

// Φ(x), the distribution function of N(0, 1).
fn normalCdf(x: vec4f) -> vec4f {
  return 0.5 * (1.0 + erf(x * 0.7071067811865476));
}

fn normalDensity(x: vec4f) -> vec4f {
  return 0.3989422804014327 * exp(-0.5 * x * x);
}

// v(x) of GELU's tanh form, and its derivative.
fn tanhGate(x: vec4f) -> vec4f {
  return 1.5957691216057308 * x * (1.0 + 0.044715 * x * x);
}

fn tanhGateSlope(x: vec4f) -> vec4f {
  return 1.5957691216057308 * (1.0 + 0.134145 * x * x);
}

// The derivative of x σ(v), given v and v'.
fn gatedSlope(x: vec4f, v: vec4f, slope: vec4f) -> vec4f {
  let s = sigmoid(v);
  return s * (1.0 + x * (1.0 - s) * slope);
}
