// The chunk of rows that an invocation of statisticsPartial.wgsl or gradientPartial.wgsl owns.
//
// Layout: of [groups, rows, channels] a group's rows are cut into chunks of params.chunkRows, the last perhaps shorter;
// invocation ((group · chunks) + chunk) · quads + quad owns four channels (a "quad") of one chunk.

struct Chunk {
  quad: u32,
  group: u32,
  first: u32, // row of the group
  start: u32, // row of the chunk
  end: u32,
}

fn chunkOf(index: u32) -> Chunk {
  let chunk = index / params.quads;
  let group = chunk / params.chunks;
  let first = group * params.rows;
  let start = first + (chunk - group * params.chunks) * params.chunkRows;
  return Chunk(index % params.quads, group, first, start, min(start + params.chunkRows, first + params.rows));
}

/// The quad's channels; beyond the last one the last again.
fn channelsOf(quad: u32) -> vec4u {
  return min(vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(params.channels - 1u));
}
