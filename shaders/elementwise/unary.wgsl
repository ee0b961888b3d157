// y = f(x), value by value.
//
// Layout: any. Joined behind common/words.wgsl, whose header says who owns what, common/nan.wgsl, common/smooth.wgsl, common/gaussian.wgsl and common/power.wgsl.
//
// Prelude: OP, one of the operations below.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           count (values of y); scalar: slope of leakyRelu, summand of addScalar, factor of scale,
//                              exponent of pow, lower bound of clip and isWithin; upper: their upper bound
//
// exp is the only expensive builtin: tanh and log(1 + e) are polynomials, which are also more exact than WGSL asks of a
// driver (1e-5 for tanh, 2^-21 for log around 1). NaN passes through every operation, so that a diverging run shows it.

const NEG = 0u;
const EXP = 1u;
const LOG = 2u;
const SQRT = 3u;
const SQUARE = 4u;
const RECIPROCAL = 5u;
const ABS = 6u;
const SIGN = 7u;
const SOFTPLUS = 8u;
const SIGMOID = 9u;
const TANH = 10u;
const RELU = 11u;
const LEAKY_RELU = 12u;
const ADD_SCALAR = 13u;
const SCALE = 14u;
const IS_POSITIVE = 15u;
const IS_NOT_POSITIVE = 16u;
const IS_NOT_ZERO = 17u;
const ZERO_TO_ONE = 18u;
const INFINITY_TO_NAN = 19u;
const ERF = 20u;
const GELU = 21u;
const GELU_SLOPE = 22u;
const GELU_TANH = 23u;
const GELU_TANH_SLOPE = 24u;
const SILU = 25u;
const SILU_SLOPE = 26u;
const POW = 27u;
const CLIP = 28u;
const IS_WITHIN = 29u;

struct Params { count: u32, scalar: f32, upper: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

const ZERO = vec4f(0.0);

// max(v, 0) + log(1 + exp(-|v|)): no exp overflows.
fn softplus(v: vec4f) -> vec4f {
  return select(v, ZERO, v < ZERO) + log1p(exp(-abs(v)));
}

fn apply(v: vec4f) -> vec4f {
  switch (OP) {
    case NEG: {
      return -v;
    }
    case EXP: {
      return exp(v);
    }
    case LOG: {
      return log(v);
    }
    case SQRT: {
      return sqrt(v);
    }
    case SQUARE: {
      return v * v;
    }
    case RECIPROCAL: {
      return 1.0 / v;
    }
    case ABS: {
      return abs(v);
    }
    case SIGN: {
      return sign(v);
    }
    case SOFTPLUS: {
      return softplus(v);
    }
    case SIGMOID: {
      return sigmoid(v);
    }
    case TANH: {
      return tanhRational(v);
    }
    case RELU: {
      return select(v, ZERO, v < ZERO);
    }
    case LEAKY_RELU: {
      return select(v, params.scalar * v, v < ZERO);
    }
    case ADD_SCALAR: {
      return v + params.scalar;
    }
    case SCALE: {
      return v * params.scalar;
    }
    case IS_POSITIVE: {
      return select(ZERO, vec4f(1.0), v > ZERO);
    }
    case IS_NOT_POSITIVE: {
      return select(vec4f(1.0), ZERO, v > ZERO);
    }
    case IS_NOT_ZERO: {
      return select(vec4f(1.0), ZERO, v == ZERO);
    }
    case ZERO_TO_ONE: {
      return select(v, vec4f(1.0), v == ZERO);
    }
    case INFINITY_TO_NAN: {
      return infinityToNan(v);
    }
    case ERF: {
      return erf(v);
    }
    case GELU: {
      return v * normalCdf(v);
    }
    case GELU_SLOPE: {
      return normalCdf(v) + v * normalDensity(v);
    }
    case GELU_TANH: {
      return v * sigmoid(tanhGate(v));
    }
    case GELU_TANH_SLOPE: {
      // From 16 on the gate is exactly 0 or 1, and the slope constant; the square of a larger value may overflow.
      let x = clamp(v, vec4f(-16.0), vec4f(16.0));
      return keepNan(v, gatedSlope(x, tanhGate(x), tanhGateSlope(x)));
    }
    case SILU: {
      return v * sigmoid(v);
    }
    case SILU_SLOPE: {
      return gatedSlope(v, v, vec4f(1.0));
    }
    case POW: {
      return power(v, vec4f(params.scalar));
    }
    case CLIP: {
      let raised = select(v, vec4f(params.scalar), v < vec4f(params.scalar));
      return select(raised, vec4f(params.upper), raised > vec4f(params.upper));
    }
    case IS_WITHIN: {
      return select(ZERO, vec4f(1.0), (v >= vec4f(params.scalar)) & (v <= vec4f(params.upper)));
    }
    default: {
      return v;
    }
  }
}

fn wordOf(word: u32) -> vec4f {
  let v = x[word];
  return keepNan(v, apply(v));
}
