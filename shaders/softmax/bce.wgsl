// sums[i] = sum over the four values of word i of max(x, 0) - x * t + log(1 + exp(-|x|)): binary cross-entropy of
// sigmoid(x) with t, in the form in which nothing overflows.
//
// Layout: any; logits x and targets t hold params.count floats, sums one for every four of them.
// One invocation owns one sum.
//
// @binding(0) x: array<vec4f>   read
// @binding(1) t: array<vec4f>   read
// @binding(2) sums: array<f32>  written
// @binding(3) params            count
//
// Bound by memory: 16-byte loads side by side.

struct Params {
  count: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> t: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// log(1 + e) for e in [0, 1], as in unary.wgsl: exact where the discriminator is sure and the loss is tiny.
fn log1p(e: vec4f) -> vec4f {
  let s = e / (2.0 + e);
  let q = s * s;
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (0.2 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q / 13.0))))));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * 64u + id.x;
  let first = word * 4u;
  if (first >= params.count) {
    return;
  }
  let logits = x[word];
  let positive = select(logits, vec4f(0.0), logits < vec4f(0.0));
  let losses = (positive - logits * t[word]) + log1p(exp(-abs(logits)));
  let inside = select(vec4f(0.0), losses, vec4u(0u, 1u, 2u, 3u) < vec4u(params.count - first));
  sums[word] = (inside.x + inside.y) + (inside.z + inside.w);
}
