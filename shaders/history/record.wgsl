// Writes the step's scalars into a ring, history[(counters[0] % capacity) * count + j] = scalar j, and then moves the
// counters on: it is the last thing that a step does.
//
// Layout: history [capacity, count]; each scalar is the first value of its buffer; counter k is word k COUNTER_WORDS
// (a constant of the prelude), as the parts of one memory lie. All six scalars are declared, so a caller with fewer
// binds some buffer again in the places left over; they are not written.
//
// @binding(0) counters: array<u32>          read and written: the first is the step's number
// @binding(1) ... @binding(6) s0 ... s5     read: array<f32>
// @binding(7) history: array<f32>           written
// @binding(8) params                        capacity, count, counters, advance: what is added to each, modulo 2^32
//
// One workgroup; invocation j owns scalar j and counter j. Losses can then be read back in bulk every so many steps.

struct Params {
  capacity: u32,
  count: u32,
  counters: u32,
  advance: vec4u,
}

@group(0) @binding(0) var<storage, read_write> counters: array<u32>;
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
  let row = counters[0] % params.capacity * params.count;
  storageBarrier();
  if (j < params.counters) {
    counters[j * COUNTER_WORDS] += params.advance[j];
  }
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
  history[row + j] = value;
}
