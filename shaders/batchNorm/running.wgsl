// running = momentum * running + share * batch, in place, for mean and variance; share is 1 - momentum, rounded once on
// the host.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad of both.
//
// @binding(0) mean: array<vec4f>             read
// @binding(1) variance: array<vec4f>         read
// @binding(2) runningMean: array<vec4f>      read and written
// @binding(3) runningVariance: array<vec4f>  read and written
// @binding(4) params                         quads, momentum, share

struct Params {
  quads: u32,
  momentum: f32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> mean: array<vec4f>;
@group(0) @binding(1) var<storage, read> variance: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> runningMean: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> runningVariance: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = id.y * groups.x * 64u + id.x;
  if (quad >= params.quads) {
    return;
  }
  runningMean[quad] = params.momentum * runningMean[quad] + params.share * mean[quad];
  runningVariance[quad] = params.momentum * runningVariance[quad] + params.share * variance[quad];
}
