// y = f(a, b), value by value, a and b repeated along axes (NumPy's broadcasting).
//
// Layout: y is row-major over params.axes; a and b are reached by strides, zero along an axis on which they repeat.
// Joined behind common/words.wgsl, whose header says who owns what, common/nan.wgsl, common/activationGradient.wgsl and common/power.wgsl.
//
// Prelude: OP, one of the operations below.
//          ACTIVATION: of which activation the gradient is taken, from dy (a) and the activation's value (b).
//          WORDS: a word of y needs one word, or one value, of a and of b; then the lengths and strides are in words.
//          Else it needs four values, at any places.
//          A_SPLAT, B_SPLAT: the array repeats along the last axis, so one value fills a word (WORDS only).
//          RANK: axes in use. A constant, as a loop over axes that is not unrolled costs more than the loads do
//          ([25088, 64] with [64] on lavapipe: 4.4 ms, unrolled 1.6).
//
// @binding(0) a: array<vec4f>  read
// @binding(1) b: array<vec4f>  read
// @binding(2) y: array<vec4f>  written
// @binding(3) params           count (values of y); scalar: a leaky ReLU's slope;
//                              axes: length, stride in a, stride in b (the host has merged what can be merged)
//
// Bound by memory: 16-byte loads and stores wherever rows are whole words. Equal shapes and scalars are of rank 1 and
// need no division, [.., C] with [C] or [.., 1] one.

const ADD = 0u;
const SUB = 1u;
const MUL = 2u;
const DIV = 3u;
const POW = 4u;
const ACTIVATION_GRADIENT = 5u;

struct Params { count: u32, scalar: f32, axes: array<vec4u, 6> }

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn apply(p: vec4f, q: vec4f) -> vec4f {
  switch (OP) {
    case ADD: {
      return p + q;
    }
    case SUB: {
      return p - q;
    }
    case MUL: {
      return p * q;
    }
    case DIV: {
      return p / q;
    }
    case POW: {
      return keepNan(p, keepNan(q, power(p, q)));
    }
    case ACTIVATION_GRADIENT: {
      return activationGradient(p, q, params.scalar);
    }
    default: {
      return p;
    }
  }
}

fn valueOfA(at: u32) -> f32 {
  return a[at / 4u][at % 4u];
}

fn valueOfB(at: u32) -> f32 {
  return b[at / 4u][at % 4u];
}

fn fromWords(word: u32) -> vec4f {
  var rest = word;
  var at = vec2u(0u);
  for (var axis = RANK - 1u; axis > 0u; axis--) {
    let entry = params.axes[axis];
    let above = rest / entry.x;
    at += (rest - above * entry.x) * entry.yz;
    rest = above;
  }
  at += rest * params.axes[0].yz;
  var p: vec4f;
  if (A_SPLAT) {
    p = vec4f(valueOfA(at.x));
  } else {
    p = a[at.x];
  }
  var q: vec4f;
  if (B_SPLAT) {
    q = vec4f(valueOfB(at.y));
  } else {
    q = b[at.y];
  }
  return apply(p, q);
}

fn fromValues(word: u32) -> vec4f {
  var rest = min(word * 4u + vec4u(0u, 1u, 2u, 3u), vec4u(params.count - 1u));
  var atA = vec4u(0u);
  var atB = vec4u(0u);
  for (var axis = RANK - 1u; axis > 0u; axis--) {
    let entry = params.axes[axis];
    let above = rest / entry.x;
    let index = rest - above * entry.x;
    atA += index * entry.y;
    atB += index * entry.z;
    rest = above;
  }
  atA += rest * params.axes[0].y;
  atB += rest * params.axes[0].z;
  let p = vec4f(valueOfA(atA.x), valueOfA(atA.y), valueOfA(atA.z), valueOfA(atA.w));
  let q = vec4f(valueOfB(atB.x), valueOfB(atB.y), valueOfB(atB.z), valueOfB(atB.w));
  return apply(p, q);
}

fn wordOf(word: u32) -> vec4f {
  if (WORDS) {
    return fromWords(word);
  }
  return fromValues(word);
}
