// Mean and sum of squared deviations (M2) of one chunk of rows, for each channel. statisticsMerge.wgsl joins the
// chunks of a group.
//
// Layout: x [groups, rows, channels]; parts [groups, chunks, quads, 2] of vec4f: of four channels (a "quad"; the last
// one may be short) the mean, less that of the group's first row, then M2; and behind these the first rows themselves,
// [groups, quads]. VECTOR: channels is a multiple of 4, so a quad is one aligned vec4f of x; if not, it is four loads.
//
// @binding(0) x: array<vec4f>      read
// @binding(1) parts: array<vec4f>  written
// @binding(2) params               count (invocations); rows, channels, quads, chunkRows, chunks, groups
//
// One invocation owns one quad of one chunk. Neighbours own neighbouring quads, so a row's loads coalesce, and the
// sums stay in registers: no workgroup memory, no barrier. The sums are shifted by the chunk's own first value s:
// from d = x - s follow mean = s + Σd / n and M2 = Σd² - (Σd)² / n, which cost two multiply-adds a value and no
// division (Welford's recurrence has one a row). As s is one of the values, the difference cancels by a factor of n
// at the very worst, whatever the mean: Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance".
// The chunks' means are handed on relative to the first row, so that the merge compares them with all their digits.
//
// Joined behind common/nan.wgsl. Rounding may leave M2 below 0, which counts as 0. Where a square overflows it is NaN or infinite,
// and stays so: the variance and the running averages show it.

struct Params { count: u32, rows: u32, channels: u32, quads: u32, chunkRows: u32, chunks: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn load(row: u32, quad: u32) -> vec4f {
  if (VECTOR) {
    return x[row * params.quads + quad];
  }
  let first = row * params.channels;
  let c = first + channelsOf(quad);
  return vec4f(x[c.x >> 2u][c.x & 3u], x[c.y >> 2u][c.y & 3u], x[c.z >> 2u][c.z & 3u], x[c.w >> 2u][c.w & 3u]);
}

fn run(index: u32) {
  let chunk = chunkOf(index);
  let shift = load(chunk.start, chunk.quad);
  var sum = vec4f();
  var squares = vec4f();
  for (var row = chunk.start + 1u; row < chunk.end; row++) {
    let d = load(row, chunk.quad) - shift;
    sum += d;
    squares += d * d;
  }
  let mean = sum / f32(chunk.end - chunk.start);
  let origin = load(chunk.first, chunk.quad);
  parts[index * 2u] = (shift - origin) + mean;
  let m2 = squares - sum * mean;
  parts[index * 2u + 1u] = keepNan(m2, select(m2, vec4f(), m2 < vec4f()));
  if (chunk.start == chunk.first) {
    parts[(params.groups * params.chunks * 2u + chunk.group) * params.quads + chunk.quad] = origin;
  }
}
