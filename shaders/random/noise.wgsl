// y = x + d n, n ~ N(0, 1) for each value, with d = deviation · max(0, 1 − iteration / until): noise that dies away over the
// iterations, or stays where until is 0. The iteration is read on the GPU, so that a recorded step has less of it each time.
//
// Joined behind philox.wgsl and normal.wgsl. Block b of four values has the words philox4x32(counter (b, iteration, 0, 0),
// key (seed, stream)).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) x: array<vec4f>        read
// @binding(2) y: array<vec4f>        written
// @binding(3) params                 blocks (vec4f of y), seed, stream, until, deviation
//
// One invocation owns one block, which one call of the generator serves; the noise itself never lies in memory.

struct Params {
  blocks: u32,
  seed: u32,
  stream: u32,
  until: u32,
  deviation: f32,
}

@group(0) @binding(0) var<storage, read> iteration: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let block = id.y * groups.x * 64u + id.x;
  if (block >= params.blocks) {
    return;
  }
  let now = iteration[0];
  if (params.until > 0u && now >= params.until) {
    y[block] = x[block];
    return;
  }
  let left = select(1.0, f32(params.until - now) / f32(params.until), params.until > 0u);
  let words = philox4x32(vec4u(block, now, 0u, 0u), vec2u(params.seed, params.stream));
  y[block] = x[block] + params.deviation * left * normalsOf(uniformsOf(words));
}
