// Random floats: uniform on [0, 1), or N(0, 1) with NORMAL.
//
// Joined behind philox.wgsl and normal.wgsl. Block b of four values comes from philox4x32(counter (b, iteration, 0, 0),
// key (seed, stream)).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<vec4f>        written
// @binding(2) params                 blocks (vec4f of y), seed, stream
//
// One invocation owns one block, which one call of the generator fills: four words make four uniforms, or as many normals.

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
  let uniforms = uniformsOf(words);
  if (NORMAL) {
    y[block] = normalsOf(uniforms);
    return;
  }
  y[block] = uniforms;
}
