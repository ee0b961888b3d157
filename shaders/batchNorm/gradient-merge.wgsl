// dBeta and dGamma, and what gradient-apply.wgsl needs of each channel, from the chunks of gradient-partial.wgsl.
//
// With inv = 1 / sqrt(variance + epsilon), g = dy · activation' and x̂ = (x - mean) · inv:
//   dBeta = Σ g,  dGamma = Σ g · x̂,  dx = gamma · inv · (g - dBeta / rows - x̂ · dGamma / rows)
// (Ioffe & Szegedy 2015, section 3; the last two terms are the statistics' own dependence on x.) The coefficients are
// those of dx = a · g + b · (x - mean) + c. Without BATCH the statistics are constants, and b = c = 0.
//
// Layout: parts [chunks, quads, 2] of vec4f: Σ g and Σ g · (x - mean) of four channels; per-channel arrays padded to
// whole quads; coefficients [4, quads] of vec4f: mean, a, b, c.
//
// @binding(0) parts: array<vec4f>         read
// @binding(1) mean: array<vec4f>          read
// @binding(2) variance: array<vec4f>      read
// @binding(3) gamma: array<vec4f>         read
// @binding(4) dGamma: array<vec4f>        written
// @binding(5) dBeta: array<vec4f>         written
// @binding(6) coefficients: array<vec4f>  written
// @binding(7) params                      rows, quads, chunks, epsilon
//
// One invocation owns one quad and adds its chunks up in order; the loads do not depend on one another, so they
// overlap.

struct Params {
  rows: u32,
  quads: u32,
  chunks: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read> mean: array<vec4f>;
@group(0) @binding(2) var<storage, read> variance: array<vec4f>;
@group(0) @binding(3) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dGamma: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dBeta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> coefficients: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = id.y * groups.x * 64u + id.x;
  if (quad >= params.quads) {
    return;
  }
  var sumG = vec4f();
  var sumGx = vec4f();
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    let at = (chunk * params.quads + quad) * 2u;
    sumG += parts[at];
    sumGx += parts[at + 1u];
  }
  let inverse = 1.0 / sqrt(variance[quad] + params.epsilon);
  let scaleGamma = sumGx * inverse;
  dBeta[quad] = sumG;
  dGamma[quad] = scaleGamma;

  let a = gamma[quad] * inverse;
  var b = vec4f();
  var c = vec4f();
  if (BATCH) {
    b = -a * inverse * scaleGamma / f32(params.rows);
    c = -a * sumG / f32(params.rows);
  }
  coefficients[quad] = mean[quad];
  coefficients[params.quads + quad] = a;
  coefficients[2u * params.quads + quad] = b;
  coefficients[3u * params.quads + quad] = c;
}
