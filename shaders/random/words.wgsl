// The random words of a dispatch's block: philox4x32(counter (block, iteration, 0, 0), key (seed, stream)).
//
// Joined behind philox.wgsl. A block is four values. With the same seed, stream and iteration it gets the same words, in
// any dispatch; one call of the generator serves one block.
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// The kernel's own file declares params, whose fields seed and stream are read.

@group(0) @binding(0) var<storage, read> iteration: array<u32>;

fn randomWords(block: u32) -> vec4u {
  return philox4x32(vec4u(block, iteration[0], 0u, 0u), vec2u(params.seed, params.stream));
}
