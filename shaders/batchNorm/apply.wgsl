// y = activation(gamma * (x - mean) / sqrt(variance + epsilon) + beta), normalisation and activation in one pass.
//
// Joined behind smooth.wgsl and activation.wgsl, which defines activate(); the constant ACTIVATION picks the function.
//
// Layout: x and y [rows, channels], as vec4f of four consecutive values (a "quad"); mean, variance, gamma, beta
// [channels].
//
// @binding(0) x: array<vec4f>       read
// @binding(1) mean: array<f32>      read
// @binding(2) variance: array<f32>  read
// @binding(3) gamma: array<f32>     read
// @binding(4) beta: array<f32>      read
// @binding(5) y: array<vec4f>       written
// @binding(6) params                quads, step, channels, epsilon, slope
//
// One invocation owns the quads index, index + step, index + 2 step, ... of y. 4 * step is a multiple of channels, so
// the channels of an invocation's quads are always the same four, whatever the alignment, and what belongs to the
// channels is loaded once, into registers. Neighbours own neighbouring quads: every load of x coalesces.

struct Params {
  quads: u32,
  step: u32,
  channels: u32,
  epsilon: f32,
  slope: f32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.y * groups.x * 64u + id.x;
  if (index >= params.step) {
    return;
  }
  let c = (vec4u(index * 4u) + vec4u(0u, 1u, 2u, 3u)) % params.channels;
  let centre = vec4f(mean[c.x], mean[c.y], mean[c.z], mean[c.w]);
  let spread = vec4f(variance[c.x], variance[c.y], variance[c.z], variance[c.w]) + params.epsilon;
  let scale = vec4f(gamma[c.x], gamma[c.y], gamma[c.z], gamma[c.w]) / sqrt(spread);
  let offset = vec4f(beta[c.x], beta[c.y], beta[c.z], beta[c.w]);
  for (var quad = index; quad < params.quads; quad += params.step) {
    // Centred before it is scaled: folding the mean into the offset would cancel where |mean| is far above the spread.
    y[quad] = activate((x[quad] - centre) * scale + offset, params.slope);
  }
}
