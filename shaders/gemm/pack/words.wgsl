// Carries a buffer over into texels as it lies: texel i is vec4 i (see memory/texels.wgsl).
//
// An invocation owns a texel; neighbours read and write side by side.
//
// @binding(0) source    read
// @binding(1) texels    written
// @binding(2) params

struct Params { count: u32 }

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var texels: texture_storage_2d<rgba32float, write>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(i: u32) {
  textureStore(texels, vec2u(i % 1024u, i / 1024u), source[i]);
}
