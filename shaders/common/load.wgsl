// Reads of x where a kernel works on single values or, with VECTOR, on four at a time.
//
// Prelude: VECTOR: elements are multiples of 4, and an element stands for itself and the three behind it.

fn load(element: u32) -> vec4f {
  if (VECTOR) {
    return x[element >> 2u];
  }
  return vec4f(x[element >> 2u][element & 3u]);
}
