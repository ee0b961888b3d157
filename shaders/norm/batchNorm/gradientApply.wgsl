// dx = a · g + b · (x - mean) + c with g = dy · activation', the coefficients by channel from gradientMerge.wgsl.
//
// Joined behind common/nan.wgsl, common/smooth.wgsl, common/activation.wgsl and common/activationGradient.wgsl; the constant
// ACTIVATION picks the function. Its value, which gives its derivative, is computed again: activation(a · (x - mean) + beta).
// Without BATCH, b = c = 0.
//
// Layout: dy, x, dx [groups, rows, channels], as vec4f of four consecutive values (a "quad"); beta [channels]; coefficients
// [groups, 4, plane]: mean, a, b, c, each for `plane` channels (channels rounded up to a multiple of 4). See sweep.wgsl,
// which goes in front, for ALIGNED and for who owns what.
//
// @binding(0) dy: array<vec4f>          read
// @binding(1) x: array<vec4f>           read, with BATCH or an activation
// @binding(2) beta: array<f32>          read
// @binding(3) coefficients: array<f32>  read
// @binding(4) dx: array<vec4f>          written
// @binding(5) params                    count (invocations); parts; quads of a part, step; values of a group, groups; channels, plane, slope

struct Params {
  count: u32, parts: u32, quads: u32, step: u32, groupValues: u32, groups: u32, channels: u32, plane: u32,
  slope: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> coefficients: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

struct Coefficients {
  mean: vec4f,
  a: vec4f,
  b: vec4f,
  c: vec4f,
}

fn coefficient(which: u32, group: vec4u, channels: vec4u) -> vec4f {
  let at = (group * 4u + which) * params.plane + channels;
  return vec4f(coefficients[at.x], coefficients[at.y], coefficients[at.z], coefficients[at.w]);
}

fn coefficientsOf(group: vec4u, channels: vec4u) -> Coefficients {
  return Coefficients(
    coefficient(0u, group, channels),
    coefficient(1u, group, channels),
    coefficient(2u, group, channels),
    coefficient(3u, group, channels),
  );
}

fn run(owner: u32) {
  let sweep = sweepOf(owner);
  let c = sweep.channels;
  let offset = vec4f(beta[c.x], beta[c.y], beta[c.z], beta[c.w]);
  var by = coefficientsOf(vec4u(sweep.part), c);
  for (var quad = sweep.index; quad < params.quads; quad += params.step) {
    if (!ALIGNED) {
      by = coefficientsOf(groupsOf(quad), c);
    }
    let at = sweep.part * params.quads + quad;
    let centred = x[at] - by.mean;
    var g = dy[at];
    if (ACTIVATION != 0u) {
      g = activationGradient(g, activate(centred * by.a + offset, params.slope), params.slope);
    }
    var gradient = by.a * g;
    if (BATCH) {
      gradient += by.b * centred + by.c;
    }
    dx[at] = gradient;
  }
}
