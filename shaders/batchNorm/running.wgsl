// running = momentum * running + share * batch, in place; share is 1 - momentum, rounded once on the host.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad of running.
//
// @binding(0) batch: array<vec4f>    read
// @binding(1) running: array<vec4f>  read and written
// @binding(2) params                 quads, momentum, share

struct Params {
  quads: u32,
  momentum: f32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> batch: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> running: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let quad = id.y * groups.x * 64u + id.x;
  if (quad >= params.quads) {
    return;
  }
  running[quad] = params.momentum * running[quad] + params.share * batch[quad];
}
