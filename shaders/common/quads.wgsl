// The entry point of kernels whose invocations own four consecutive values of y at a time, which are one vec4f (a "quad").
// A grid-stride loop as in linear.wgsl.
//
// The kernel's own file defines y, params.count (values of y) and resultAt(element): the value of y at `element`, in
// all components; with VECTOR the four values from `element` on.
//
// Prelude: VECTOR: the channels of y are a multiple of 4, so that a quad is four channels of one place.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let step = groups.x * groups.y * 64u;
  for (var quad = id.y * groups.x * 64u + id.x; quad * 4u < params.count; quad += step) {
    y[quad] = quadAt(quad * 4u);
  }
}

fn quadAt(first: u32) -> vec4f {
  if (VECTOR) {
    return resultAt(first);
  }
  var results = vec4f();
  for (var k = 0u; k < min(4u, params.count - first); k++) {
    results[k] = resultAt(first + k).x;
  }
  return results;
}
