// counter += by, modulo 2^32. The step's number is in GPU memory, so that a recorded step is replayed unchanged.
//
// @binding(0) counter: array<u32>  read and written: one word
// @binding(1) params               by
//
// One invocation in all.

struct Params { by: u32 }

@group(0) @binding(0) var<storage, read_write> counter: array<u32>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  counter[0] += params.by;
}
