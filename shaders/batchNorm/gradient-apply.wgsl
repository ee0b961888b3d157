// dx = a · g + b · (x - mean) + c with g = dy · activation', the coefficients by channel from gradient-merge.wgsl.
//
// Joined behind activation-slope.wgsl; the constant ACTIVATION picks the function. Without BATCH, b = c = 0.
//
// Layout: dy, x, y, dx [rows, channels], as vec4f of four consecutive values (a "quad"); coefficients: mean, a, b, c,
// each for `plane` channels (channels rounded up to a multiple of 4).
//
// @binding(0) dy: array<vec4f>          read
// @binding(1) x: array<vec4f>           read, with BATCH
// @binding(2) y: array<vec4f>           read, unless ACTIVATION is 0
// @binding(3) coefficients: array<f32>  read
// @binding(4) dx: array<vec4f>          written
// @binding(5) params                    quads, step, channels, plane, slope
//
// One invocation owns the quads index, index + step, index + 2 step, ... of dx; 4 * step is a multiple of channels,
// so its channels are always the same four and their coefficients stay in registers: see apply.wgsl.

struct Params {
  quads: u32,
  step: u32,
  channels: u32,
  plane: u32,
  slope: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> coefficients: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

fn coefficient(which: u32, channels: vec4u) -> vec4f {
  let at = which * params.plane + channels;
  return vec4f(coefficients[at.x], coefficients[at.y], coefficients[at.z], coefficients[at.w]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.y * groups.x * 64u + id.x;
  if (index >= params.step) {
    return;
  }
  let channels = (vec4u(index * 4u) + vec4u(0u, 1u, 2u, 3u)) % params.channels;
  let mean = coefficient(0u, channels);
  let a = coefficient(1u, channels);
  let b = coefficient(2u, channels);
  let c = coefficient(3u, channels);
  for (var quad = index; quad < params.quads; quad += params.step) {
    var g = dy[quad];
    if (ACTIVATION != 0u) {
      g *= activationSlope(y[quad], params.slope);
    }
    var gradient = a * g;
    if (BATCH) {
      gradient += b * (x[quad] - mean) + c;
    }
    dx[quad] = gradient;
  }
}
