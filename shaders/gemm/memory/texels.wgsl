// Both matrices of a product as textures, four numbers a texel. On a software device a texel costs a third of the
// instructions of a vec4f in a buffer: no component is tested against the buffer's end, and 16 bytes are one move.
//
// Texel i lies at (i % 1024, i / 1024), as src/gpu/memory/textures.ts lays them out. What fills them: shaders/gemm/pack/.
//
// @binding(0) A    left matrix, as it lies in memory    read
// @binding(1) B    right matrix, in panels              read

@group(0) @binding(0) var A: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var B: texture_storage_2d<rgba32float, read>;

fn wordA(index: u32) -> vec4f {
  return textureLoad(A, vec2u(index % 1024u, index / 1024u));
}

fn wordB(index: u32) -> vec4f {
  return textureLoad(B, vec2u(index % 1024u, index / 1024u));
}
