// How apply.wgsl and gradientApply.wgsl go over the quads (vec4f of four consecutive values) of [groups, rows, channels].
//
// One invocation owns the quads index, index + step, index + 2 step, ... of one part. 4 * step is a multiple of channels,
// so the channels of an invocation's quads are always the same four, whatever the alignment, and what belongs to the
// channels is loaded once, into registers. Neighbours own neighbouring quads: every load coalesces.
//
// Prelude: ALIGNED: no quad belongs to two groups, so that each group is a part by itself; if not, all are one part.

const FOUR = vec4u(0u, 1u, 2u, 3u);

struct Sweep {
  part: u32,
  index: u32,
  channels: vec4u,
}

fn sweepOf(owner: u32) -> Sweep {
  let part = owner / params.step;
  let index = owner - part * params.step;
  return Sweep(part, index, (vec4u(index * 4u) + FOUR) % params.channels);
}

/// The groups that a quad's four values belong to, where all groups are one part.
fn groupsOf(quad: u32) -> vec4u {
  return min((vec4u(quad * 4u) + FOUR) / params.groupValues, vec4u(params.groups - 1u));
}
