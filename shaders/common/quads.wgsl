// The entry point of kernels whose invocations own four consecutive values of y each, which are one vec4f (a "quad").
//
// The kernel's own file defines y, params.count (values of y) and resultAt(element): the value of y at `element`, in
// all components; with VECTOR the four values from `element` on.
//
// Prelude: VECTOR: the channels of y are a multiple of 4, so that a quad is four channels of one place.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = id.y * groups.x * 64u + id.x;
  let first = quad * 4u;
  if (first >= params.count) {
    return;
  }
  if (VECTOR) {
    y[quad] = resultAt(first);
    return;
  }
  var results = vec4f();
  for (var k = 0u; k < min(4u, params.count - first); k++) {
    results[k] = resultAt(first + k).x;
  }
  y[quad] = results;
}
