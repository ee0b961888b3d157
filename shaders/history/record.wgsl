// Writes the step's scalars into a ring: history[(counter % capacity) * count + j] = scalar j.
//
// Layout: history [capacity, count]; each scalar is the first value of its buffer. All six bindings are declared, so
// a caller with fewer scalars binds some buffer again in the places left over; they are not written.
//
// @binding(0) counter: array<u32>           read: one word, the step's number
// @binding(1) ... @binding(6) s0 ... s5     read: array<f32>
// @binding(7) history: array<f32>           written
// @binding(8) params                        capacity, count
//
// One workgroup; invocation j owns scalar j. Losses can then be read back in bulk every so many steps.

struct Params {
  capacity: u32,
  count: u32,
}

@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read> s0: array<f32>;
@group(0) @binding(2) var<storage, read> s1: array<f32>;
@group(0) @binding(3) var<storage, read> s2: array<f32>;
@group(0) @binding(4) var<storage, read> s3: array<f32>;
@group(0) @binding(5) var<storage, read> s4: array<f32>;
@group(0) @binding(6) var<storage, read> s5: array<f32>;
@group(0) @binding(7) var<storage, read_write> history: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(8)
fn main(@builtin(local_invocation_index) j: u32) {
  if (j >= params.count) {
    return;
  }
  var value: f32;
  switch j {
    case 0u: {
      value = s0[0];
    }
    case 1u: {
      value = s1[0];
    }
    case 2u: {
      value = s2[0];
    }
    case 3u: {
      value = s3[0];
    }
    case 4u: {
      value = s4[0];
    }
    default: {
      value = s5[0];
    }
  }
  history[counter[0] % params.capacity * params.count + j] = value;
}
