// Mean and biased variance of all rows of a group, from the chunks of statisticsPartial.wgsl, and what they add to the
// running averages, one group after the other.
//
// Joined behind running.wgsl, or noRunning.wgsl where no averages are kept; these declare what comes behind binding 2,
// and keepRunning().
//
// Layout: parts [groups, chunks, quads, 2] of vec4f: of four channels the mean, less the group's first row, and M2;
// behind these the first rows, [groups, quads]; mean and variance [groups, channels]. Every chunk of a group has
// chunkRows rows but the last.
//
// @binding(0) parts: array<vec4f>   read
// @binding(1) mean: array<f32>      written
// @binding(2) variance: array<f32>  written
// params                            count (invocations); rows, channels, quads, chunkRows, chunks, groups; momentum and share of the running
//                                   averages
//
// One invocation owns one quad of every group, and goes over a group's chunks twice, in order: for the mean, then for M2 = Σ (M2ᵢ + nᵢ ·
// (meanᵢ - mean)²), all terms positive. Against merging pair by pair that saves a division a chunk on the critical
// path. The loads do not depend on one another, so they overlap; there are few chunks, and a tree in workgroup memory
// would pay more for its barriers on a software device than it saves.

struct Params {
  count: u32, rows: u32, channels: u32, quads: u32, chunkRows: u32, chunks: u32, groups: u32, momentum: f32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> mean: array<f32>;
@group(0) @binding(2) var<storage, read_write> variance: array<f32>;

fn rowsOf(chunk: u32) -> f32 {
  return f32(min(params.chunkRows, params.rows - chunk * params.chunkRows));
}

fn run(quad: u32) {
  let rows = f32(params.rows);
  for (var group = 0u; group < params.groups; group++) {
    let first = group * params.chunks;
    var sum = vec4f();
    for (var chunk = 0u; chunk < params.chunks; chunk++) {
      sum += rowsOf(chunk) * parts[((first + chunk) * params.quads + quad) * 2u];
    }
    let offset = sum / rows;
    var m2 = vec4f();
    for (var chunk = 0u; chunk < params.chunks; chunk++) {
      let at = ((first + chunk) * params.quads + quad) * 2u;
      let d = parts[at] - offset;
      m2 += parts[at + 1u] + rowsOf(chunk) * d * d;
    }
    let origin = parts[(params.groups * params.chunks * 2u + group) * params.quads + quad];
    let batchMean = origin + offset;
    let batchVariance = m2 / rows;
    for (var lane = 0u; lane < min(4u, params.channels - quad * 4u); lane++) {
      let at = group * params.channels + quad * 4u + lane;
      mean[at] = batchMean[lane];
      variance[at] = batchVariance[lane];
    }
    keepRunning(quad, batchMean, batchVariance);
  }
}
