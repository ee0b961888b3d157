// Random floats: uniform on [0, 1), or N(0, 1) with NORMAL.
//
// Joined behind common/linear.wgsl, philox.wgsl, words.wgsl and normal.wgsl. Block b of
// four values comes from randomWords(b).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<vec4f>        written
// @binding(2) params                 count (vec4f of y), seed, stream
//
// One invocation owns one block, which one call of the generator fills: four words make four uniforms, or as many normals.

struct Params { count: u32, seed: u32, stream: u32 }

@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(block: u32) {
  let words = randomWords(block);
  let uniforms = uniformsOf(words);
  if (NORMAL) {
    y[block] = normalsOf(uniforms);
    return;
  }
  y[block] = uniforms;
}
