// sums[i] = factor * sum over workgroup i's values of max(x, 0) - x * t + log(1 + exp(-|x|)): binary cross-entropy of
// sigmoid(x) with t, in the form in which nothing overflows. A single workgroup has the mean at once. A logit of ±infinity
// gives the limit: 0 where it is right, +infinity where not. NaN for NaN.
//
// Joined behind common/nan.wgsl, common/smooth.wgsl, common/workgroups.wgsl and common/workgroupSum.wgsl. Prelude: LANES is 64.
//
// Layout: any; logits x and targets t hold params.values floats, sums params.count.
// A workgroup owns one sum: of every params.count-th row of 64 words of four values; an invocation takes one word of each
// row, and the 64 lanes are joined pairwise in workgroup memory. The order is fixed: the same bits every time.
//
// @binding(0) x: array<vec4f>   read
// @binding(1) t: array<vec4f>   read
// @binding(2) sums: array<f32>  written
// @binding(3) params            values, count (workgroups with work), factor
//
// A batch of logits is small, so what counts is that one dispatch does it. Many are bound by memory: 16-byte loads side
// by side.

struct Params { values: u32, count: u32, factor: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> t: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// The loss at logits of ±infinity: what the other answer's share makes of it, 0 where that is 0.
fn limits(logits: vec4f, targets: vec4f) -> vec4f {
  let others = select(targets, 1.0 - targets, logits > vec4f(0.0));
  return select(abs(logits) * others, vec4f(0.0), others == vec4f(0.0));
}

fn losses(word: u32) -> vec4f {
  let logits = x[word];
  let positive = select(logits, vec4f(0.0), logits < vec4f(0.0));
  // log1p is exact where the discriminator is sure and the loss is tiny.
  let finite = (positive - logits * t[word]) + log1p(exp(-abs(logits)));
  let values = select(finite, limits(logits, t[word]), isInfinite(logits));
  return select(vec4f(0.0), values, vec4u(0u, 1u, 2u, 3u) < vec4u(params.values - word * 4u));
}

fn run(owner: u32, lane: u32) {
  var sum = vec4f();
  for (var word = owner * LANES + lane; word * 4u < params.values; word += params.count * LANES) {
    sum += losses(word);
  }
  joinLanes(lane, (sum.x + sum.y) + (sum.z + sum.w));
  if (lane == 0u) {
    sums[owner] = params.factor * lanes[0];
  }
}
