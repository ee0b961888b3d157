// Random words: y[4b .. 4b + 3] = randomWords(b).
//
// Joined behind common/linear.wgsl, philox.wgsl, words.wgsl.
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<vec4u>        written
// @binding(2) params                 count (vec4u of y), seed, stream
//
// One invocation owns one block, the four words that one call of the generator gives.

struct Params { count: u32, seed: u32, stream: u32 }

@group(0) @binding(1) var<storage, read_write> y: array<vec4u>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(block: u32) {
  y[block] = randomWords(block);
}
