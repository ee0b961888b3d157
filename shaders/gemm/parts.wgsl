// The parts of a product that was cut along its inner loop, added up: C[i] = sum over parts p of parts[p, i], from the first
// to the last.
//
// An invocation owns an element of C; neighbours read side by side.
//
// @binding(0) parts    [partCount, count]    read
// @binding(1) C        [count]               written
// @binding(2) params

struct Params { partCount: u32, count: u32 }

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> C: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(i: u32) {
  var sum = 0.0;
  for (var p = 0u; p < params.partCount; p++) {
    sum += parts[p * params.count + i];
  }
  C[i] = sum;
}
