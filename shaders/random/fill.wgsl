// Random floats: uniform on [0, 1), or N(0, 1) with NORMAL.
//
// Joined behind philox.wgsl. Block b of four values comes from philox4x32(counter (b, iteration, 0, 0), key (seed,
// stream)).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<vec4f>        written
// @binding(2) params                 blocks (vec4f of y), seed, stream
//
// One invocation owns one block, which one call of the generator fills: four words make four uniforms, or two pairs
// for Box and Muller's transform (1958, "A note on the generation of random normal deviates"). A word gives its upper
// 24 bits, as many as a float32 below 1 holds, so that every value is exact and 1 is never reached. The logarithm's
// argument is one unit up, on (0, 1], which excludes log 0 and bounds |normal| by sqrt(2 · 24 · ln 2) = 5.77. The
// angle is taken from [-π, π), where WGSL states the accuracy of sin and cos.

const UNIT = 0x1p-24f;
const TAU = 6.283185307179586;

struct Params {
  blocks: u32,
  seed: u32,
  stream: u32,
}

@group(0) @binding(0) var<storage, read> iteration: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let block = id.y * groups.x * 64u + id.x;
  if (block >= params.blocks) {
    return;
  }
  let words = philox4x32(vec4u(block, iteration[0], 0u, 0u), vec2u(params.seed, params.stream));
  let uniforms = vec4f(words >> vec4u(8u)) * UNIT;
  if (!NORMAL) {
    y[block] = uniforms;
    return;
  }
  // max: a logarithm that rounds to the wrong side of 0, near 1, must not reach the root.
  let radius = sqrt(max(-2.0 * log(uniforms.xz + UNIT), vec2f()));
  let angle = TAU * (uniforms.yw - 0.5);
  y[block] = vec4f(radius.x * cos(angle.x), radius.x * sin(angle.x), radius.y * cos(angle.y), radius.y * sin(angle.y));
}
