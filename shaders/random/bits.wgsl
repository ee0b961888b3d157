// Random words: y[4b .. 4b + 3] = philox4x32(counter (b, iteration, 0, 0), key (seed, stream)).
//
// Joined behind philox.wgsl.
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<vec4u>        written
// @binding(2) params                 blocks (vec4u of y), seed, stream
//
// One invocation owns one block, the four words that one call of the generator gives.

struct Params {
  blocks: u32,
  seed: u32,
  stream: u32,
}

@group(0) @binding(0) var<storage, read> iteration: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4u>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let block = id.y * groups.x * 64u + id.x;
  if (block >= params.blocks) {
    return;
  }
  y[block] = philox4x32(vec4u(block, iteration[0], 0u, 0u), vec2u(params.seed, params.stream));
}
