// dBeta and dGamma, and what gradientApply.wgsl needs of each channel, from the chunks of gradientPartial.wgsl.
//
// With inv = 1 / sqrt(variance + epsilon), g = dy · activation' and x̂ = (x - mean) · inv:
//   dBeta = Σ g,  dGamma = Σ g · x̂,  dx = gamma · inv · (g - dBeta / rows - x̂ · dGamma / rows)
// (Ioffe & Szegedy 2015, section 3; the last two terms are the statistics' own dependence on x.) The coefficients are
// those of dx = a · g + b · (x - mean) + c. Without BATCH the statistics are constants, and b = c = 0. All this holds
// for each group by itself; gamma and beta are shared, so dGamma and dBeta are the sums over the groups.
//
// Joined behind common/nan.wgsl. An infinite variance, one that overflowed, gives NaN.
//
// Layout: parts [groups, chunks, quads, 2] of vec4f: Σ g and Σ g · (x - mean) of four channels; mean and variance
// [groups, channels]; gamma, dGamma and dBeta [channels], padded to whole quads; coefficients [groups, 4, quads] of
// vec4f: mean, a, b, c.
//
// @binding(0) parts: array<vec4f>         read
// @binding(1) mean: array<f32>            read
// @binding(2) variance: array<f32>        read
// @binding(3) gamma: array<vec4f>         read
// @binding(4) dGamma: array<vec4f>        written
// @binding(5) dBeta: array<vec4f>         written
// @binding(6) coefficients: array<vec4f>  written
// @binding(7) params                      count (invocations); rows, channels, quads, chunks, groups, epsilon
//
// One invocation owns one quad and adds up the chunks of each group, then the groups, in order; the loads do not depend on one another, so they
// overlap.

struct Params { count: u32, rows: u32, channels: u32, quads: u32, chunks: u32, groups: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dGamma: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dBeta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> coefficients: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;

fn run(quad: u32) {
  let rows = f32(params.rows);
  let columns = min(vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(params.channels - 1u));
  var totalBeta = vec4f();
  var totalGamma = vec4f();
  for (var group = 0u; group < params.groups; group++) {
    var sumG = vec4f();
    var sumGx = vec4f();
    for (var chunk = 0u; chunk < params.chunks; chunk++) {
      let at = ((group * params.chunks + chunk) * params.quads + quad) * 2u;
      sumG += parts[at];
      sumGx += parts[at + 1u];
    }
    let at = group * params.channels + columns;
    let spread = vec4f(variance[at.x], variance[at.y], variance[at.z], variance[at.w]) + params.epsilon;
    let deviation = sqrt(infinityToNan(spread));
    let inverse = 1.0 / deviation;
    let scaleGamma = sumGx * inverse;
    totalBeta += sumG;
    totalGamma += scaleGamma;

    // By a division, as apply.wgsl does, so that gradientApply.wgsl finds the same y.
    let a = gamma[quad] / deviation;
    var b = vec4f();
    var c = vec4f();
    if (BATCH) {
      b = -a * inverse * scaleGamma / rows;
      c = -a * sumG / rows;
    }
    let plane = group * 4u * params.quads + quad;
    coefficients[plane] = vec4f(mean[at.x], mean[at.y], mean[at.z], mean[at.w]);
    coefficients[plane + params.quads] = a;
    coefficients[plane + 2u * params.quads] = b;
    coefficients[plane + 3u * params.quads] = c;
  }
  dBeta[quad] = totalBeta;
  dGamma[quad] = totalGamma;
}
