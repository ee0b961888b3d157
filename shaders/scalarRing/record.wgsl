// Writes the scalars of a step into a ring, ring[(counters[0] % capacity) * scalars + j] = scalar j, and then advances the
// counters. It runs last in a step. A scalar is the mean over some values v of its buffer of v itself (a loss), of v > boundary,
// or of the opposite (a share). A NaN makes a mean of values NaN; in a share it counts as not above the boundary.
//
// Layout: ring [capacity, scalars]; counter k is word k COUNTER_WORDS (a constant of the prelude), as the parts of a flat
// buffer lie. The shader declares six buffers of values; for fewer scalars the host binds some buffer again, unread.
//
// @binding(0) counters: array<u32>          read and written: the first is the step's number
// @binding(1) ... @binding(6) s0 ... s5     read: array<f32>
// @binding(7) ring: array<f32>              written
// @binding(8) params                        capacity, scalars, counters, boundary of the shares; advance: summand of each
//                                           counter, modulo 2^32; sources: for each scalar its first value, its count,
//                                           one of the functions below, 1 / count as the bits of a float
//
// One workgroup. 32 lanes add up a scalar; the first of them joins their sums in order and owns it. Invocation k owns counter k.
// All scalars and counters of a step take one dispatch, and the host reads the losses of many steps at once.

const VALUE = 0u;
const IS_ABOVE = 1u;
const IS_NOT_ABOVE = 2u;

struct Params { capacity: u32, scalars: u32, counters: u32, boundary: f32, advance: vec4u, sources: array<vec4u, 6> }

@group(0) @binding(0) var<storage, read_write> counters: array<u32>;
@group(0) @binding(1) var<storage, read> s0: array<f32>;
@group(0) @binding(2) var<storage, read> s1: array<f32>;
@group(0) @binding(3) var<storage, read> s2: array<f32>;
@group(0) @binding(4) var<storage, read> s3: array<f32>;
@group(0) @binding(5) var<storage, read> s4: array<f32>;
@group(0) @binding(6) var<storage, read> s5: array<f32>;
@group(0) @binding(7) var<storage, read_write> ring: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> sums: array<f32, 192>;

fn load(j: u32, at: u32) -> f32 {
  switch j {
    case 0u: {
      return s0[at];
    }
    case 1u: {
      return s1[at];
    }
    case 2u: {
      return s2[at];
    }
    case 3u: {
      return s3[at];
    }
    case 4u: {
      return s4[at];
    }
    default: {
      return s5[at];
    }
  }
}

@compute @workgroup_size(192)
fn main(@builtin(local_invocation_index) index: u32) {
  let j = index / 32u;
  let lane = index % 32u;
  let step = counters[0];
  var sum = 0.0;
  if (j < params.scalars) {
    let source = params.sources[j];
    for (var i = lane; i < source.y; i += 32u) {
      let value = load(j, source.x + i);
      if (source.z == VALUE) {
        sum += value;
      } else {
        sum += select(0.0, 1.0, (value > params.boundary) == (source.z == IS_ABOVE));
      }
    }
  }
  sums[index] = sum;
  workgroupBarrier();
  storageBarrier();
  if (lane == 0u && j < params.scalars) {
    for (var other = 1u; other < 32u; other++) {
      sum += sums[index + other];
    }
    ring[step % params.capacity * params.scalars + j] = sum * bitcast<f32>(params.sources[j].w);
  }
  if (index < params.counters) {
    counters[index * COUNTER_WORDS] += params.advance[index];
  }
}
