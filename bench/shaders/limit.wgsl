// Multiply-adds and nothing else: how fast the device can go at all.
//
// Each invocation carries ACCUMULATORS chains of x = x * scale + shift, all of their lanes different. The chain runs
// through the product on purpose: in x = a * b + x the product would not change from step to step, and a compiler
// could take it out of the loop. scale and shift come from the uniform, so nothing folds; scale is just below 1, so x
// neither overflows nor becomes denormal nor settles, and its last value tells how many steps were really made.
//
// Constants: ACCUMULATORS (1 .. 4), UNROLL (1, 2, 4 or 8), FUSED (fma() or * and +).
//
// @binding(0) output: array<f32>   written: one word a workgroup, the sum over invocation 0's chains
// @binding(1) params               rounds of the loop, scale, shift, and a value that no sum has

struct Params {
  rounds: u32,
  scale: f32,
  shift: f32,
  never: f32,
}

struct Chains {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

@group(0) @binding(0) var<storage, read_write> output: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

fn link(x: vec4f, scale: vec4f, shift: vec4f) -> vec4f {
  if (FUSED) {
    return fma(x, scale, shift);
  }
  return x * scale + shift;
}

fn advance(chains: Chains, scale: vec4f, shift: vec4f) -> Chains {
  var next = chains;
  next.a = link(chains.a, scale, shift);
  if (ACCUMULATORS > 1u) {
    next.b = link(chains.b, scale, shift);
  }
  if (ACCUMULATORS > 2u) {
    next.c = link(chains.c, scale, shift);
  }
  if (ACCUMULATORS > 3u) {
    next.d = link(chains.d, scale, shift);
  }
  return next;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let scale = vec4f(params.scale);
  let shift = vec4f(params.shift);
  let start = vec4f(0.0, 1.0, 2.0, 3.0) + f32(lane) / 64.0;
  var x = Chains(start, start + 4.0, start + 8.0, start + 12.0);
  for (var round = 0u; round < params.rounds; round++) {
    x = advance(x, scale, shift);
    if (UNROLL > 1u) {
      x = advance(x, scale, shift);
    }
    if (UNROLL > 2u) {
      x = advance(x, scale, shift);
      x = advance(x, scale, shift);
    }
    if (UNROLL > 4u) {
      x = advance(x, scale, shift);
      x = advance(x, scale, shift);
      x = advance(x, scale, shift);
      x = advance(x, scale, shift);
    }
  }
  var sum = x.a;
  if (ACCUMULATORS > 1u) {
    sum += x.b;
  }
  if (ACCUMULATORS > 2u) {
    sum += x.c;
  }
  if (ACCUMULATORS > 3u) {
    sum += x.d;
  }
  let total = sum.x + sum.y + sum.z + sum.w;
  // Every invocation's total is needed to decide, yet next to nothing is written.
  if (lane == 0u || total == params.never) {
    output[group.x] = total;
  }
}
