// Mean and biased variance of all rows, from the chunks of statistics-partial.wgsl, and what they add to the running
// averages.
//
// Joined behind running.wgsl, or no-running.wgsl where no averages are kept; these declare what comes behind binding 2,
// and keepRunning().
//
// Layout: parts [chunks, quads, 2] of vec4f: of four channels the mean, less x's first row, and M2; behind these the
// first row, [quads]; mean and variance [channels], padded to whole quads. Every chunk has chunkRows rows but the
// last.
//
// @binding(0) parts: array<vec4f>     read
// @binding(1) mean: array<vec4f>      written
// @binding(2) variance: array<vec4f>  written
// params                              rows, quads, chunkRows, chunks; momentum and share of the running averages
//
// One invocation owns one quad, and goes over the chunks twice, in order: for the mean, then for M2 = Σ (M2ᵢ + nᵢ ·
// (meanᵢ - mean)²), all terms positive. Against merging pair by pair that saves a division a chunk on the critical
// path. The loads do not depend on one another, so they overlap; there are few chunks, and a tree in workgroup memory
// would pay more for its barriers on a software device than it saves.

struct Params {
  rows: u32,
  quads: u32,
  chunkRows: u32,
  chunks: u32,
  momentum: f32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> mean: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> variance: array<vec4f>;

fn rowsOf(chunk: u32) -> f32 {
  return f32(min(params.chunkRows, params.rows - chunk * params.chunkRows));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = id.y * groups.x * 64u + id.x;
  if (quad >= params.quads) {
    return;
  }
  let rows = f32(params.rows);
  var sum = vec4f();
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    sum += rowsOf(chunk) * parts[(chunk * params.quads + quad) * 2u];
  }
  let offset = sum / rows;
  var m2 = vec4f();
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    let at = (chunk * params.quads + quad) * 2u;
    let d = parts[at] - offset;
    m2 += parts[at + 1u] + rowsOf(chunk) * d * d;
  }
  let batchMean = parts[params.chunks * params.quads * 2u + quad] + offset;
  let batchVariance = m2 / rows;
  mean[quad] = batchMean;
  variance[quad] = batchVariance;
  keepRunning(quad, batchMean, batchVariance);
}
