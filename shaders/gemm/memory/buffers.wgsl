// Both matrices of a product as they lie in storage buffers, which are padded to whole vec4s.
//
// @binding(0) A    left matrix     read
// @binding(1) B    right matrix    read

@group(0) @binding(0) var<storage, read> A: array<vec4f>;
@group(0) @binding(1) var<storage, read> B: array<vec4f>;

fn wordA(index: u32) -> vec4f {
  return A[index];
}

fn wordB(index: u32) -> vec4f {
  return B[index];
}
