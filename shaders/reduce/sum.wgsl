// y = factor * partial sums of x [slabs, rows, inner] over its rows: one pass of a reduction.
//
// Layout: the rows of a slab are split into params.splits chunks, and a chunk into side-by-side sets of every B-th row;
// y is [slabs, splits, B, inner]. With splits = B = 1 it is the sum itself.
// One invocation owns one inner position (four, where x is read in words and FOLD is off) of one such set.
//
// Prelude: WORDS: x is read as vec4f. Else value by value, four rows at once.
//          FOLD: the four lanes go into one sum (inner = 1, a slab being one long row of words).
//
// @binding(0) x: array<vec4f>  read
// @binding(1) y: array<f32>    written
// @binding(2) params           count: invocations with work; slab: its length; width: B * inner; splits;
//                              chunk: its length, a multiple of width; tail: values behind the words of a lone slab;
//                              factor. Lengths are in words where WORDS, else in values.
//
// Bound by memory: neighbours read side by side, so 64 of them cover 1 KiB a step; four independent accumulators keep
// four loads in flight and make the sum pairwise at its end. The order is fixed: the same bits every time. No workgroup
// memory: a pass more costs less than barriers do, and the second pass is small.

struct Params { count: u32, slab: u32, width: u32, splits: u32, chunk: u32, tail: u32, factor: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

const ONE = vec4f(1.0);

fn value(at: u32) -> f32 {
  return x[at / 4u][at % 4u];
}

// Four partial sums of the words from `first`, every `width`-th before `end`.
fn sumWords(first: u32, end: u32) -> vec4f {
  let width = params.width;
  var at = first;
  var a = vec4f(0.0);
  var b = vec4f(0.0);
  var c = vec4f(0.0);
  var d = vec4f(0.0);
  while (at + 3u * width < end) {
    a += x[at];
    b += x[at + width];
    c += x[at + 2u * width];
    d += x[at + 3u * width];
    at += 4u * width;
  }
  while (at < end) {
    a += x[at];
    at += width;
  }
  return (a + b) + (c + d);
}

// The same of values; a lane takes every fourth of them.
fn sumValues(first: u32, end: u32) -> vec4f {
  let width = params.width;
  var at = first;
  var lanes = vec4f(0.0);
  while (at + 3u * width < end) {
    lanes += vec4f(value(at), value(at + width), value(at + 2u * width), value(at + 3u * width));
    at += 4u * width;
  }
  while (at < end) {
    lanes.x += value(at);
    at += width;
  }
  return lanes;
}

fn run(owner: u32) {
  let chunkSet = owner / params.width;
  let slab = chunkSet / params.splits;
  let split = chunkSet - slab * params.splits;
  let base = slab * params.slab;
  let first = base + split * params.chunk + (owner - chunkSet * params.width);
  let end = base + min((split + 1u) * params.chunk, params.slab);

  if (WORDS && !FOLD) {
    let total = params.factor * sumWords(first, end);
    y[4u * owner] = total.x;
    y[4u * owner + 1u] = total.y;
    y[4u * owner + 2u] = total.z;
    y[4u * owner + 3u] = total.w;
    return;
  }
  var lanes: vec4f;
  if (WORDS) {
    lanes = sumWords(first, end);
    if (owner == 0u && params.tail > 0u) {
      lanes += select(vec4f(0.0), x[params.slab], vec4u(0u, 1u, 2u, 3u) < vec4u(params.tail));
    }
  } else {
    lanes = sumValues(first, end);
  }
  y[owner] = params.factor * ((lanes.x + lanes.y) + (lanes.z + lanes.w));
}
