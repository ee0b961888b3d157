// Copies a strided view of x to y: a repeated or transposed array.
//
// Layout: y is row-major over params.axes; x is reached by strides, zero along an axis on which it repeats.
// Joined behind common/words.wgsl, whose header says who owns what.
//
// Prelude: WORDS: a word of y is one word, or one value, of x; then the lengths and strides are in words. Else it is
//          four values, at any places.
//          X_SPLAT: x repeats along the last axis, so one value fills a word (WORDS only).
//          RANK: axes in use; a constant, so that the loop over them is unrolled.
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<vec4f>  written
// @binding(2) params           count (values of y); axes: length, stride in x (merged where possible)
//
// Bound by memory: stores are 16 bytes and side by side; so are loads where rows are whole words.

struct Params { count: u32, axes: array<vec4u, 6> }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn value(at: u32) -> f32 {
  return x[at / 4u][at % 4u];
}

fn fromWords(word: u32) -> vec4f {
  var rest = word;
  var at = 0u;
  for (var axis = RANK - 1u; axis > 0u; axis--) {
    let entry = params.axes[axis];
    let above = rest / entry.x;
    at += (rest - above * entry.x) * entry.y;
    rest = above;
  }
  at += rest * params.axes[0].y;
  if (X_SPLAT) {
    return vec4f(value(at));
  }
  return x[at];
}

fn fromValues(word: u32) -> vec4f {
  var rest = min(word * 4u + vec4u(0u, 1u, 2u, 3u), vec4u(params.count - 1u));
  var at = vec4u(0u);
  for (var axis = RANK - 1u; axis > 0u; axis--) {
    let entry = params.axes[axis];
    let above = rest / entry.x;
    at += (rest - above * entry.x) * entry.y;
    rest = above;
  }
  at += rest * params.axes[0].y;
  return vec4f(value(at.x), value(at.y), value(at.z), value(at.w));
}

fn wordOf(word: u32) -> vec4f {
  if (WORDS) {
    return fromWords(word);
  }
  return fromValues(word);
}
