// y = x + d n, n ~ N(0, 1) for each value, with d = deviation · max(0, 1 − iteration / until): noise that falls to 0 over the
// iterations, or stays constant where until is 0. The iteration is read on the GPU, so a recorded step follows the schedule.
//
// Joined behind common/linear.wgsl, philox.wgsl, words.wgsl and normal.wgsl. Block b of four values
// has randomWords(b).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) x: array<vec4f>        read
// @binding(2) y: array<vec4f>        written
// @binding(3) params                 count (vec4f of y), seed, stream, until, deviation
//
// One invocation owns one block, which one call of the generator serves; the noise itself never lies in memory.

struct Params { count: u32, seed: u32, stream: u32, until: u32, deviation: f32 }

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(block: u32) {
  let now = iteration[0];
  if (params.until > 0u && now >= params.until) {
    y[block] = x[block];
    return;
  }
  let left = select(1.0, f32(params.until - now) / f32(params.until), params.until > 0u);
  let words = randomWords(block);
  y[block] = x[block] + params.deviation * left * normalsOf(uniformsOf(words));
}
