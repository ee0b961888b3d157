// y = activation(gamma * (x - mean) / sqrt(variance + epsilon) + beta), normalisation and activation in one pass.
//
// Joined behind common/linear.wgsl, common/nan.wgsl, common/smooth.wgsl, common/activation.wgsl and sweep.wgsl. ACTIVATION
// picks the function. An infinite variance, one that overflowed, gives NaN.
//
// Layout: x and y [groups, rows, channels], as vec4f of four consecutive values (a "quad"); mean and variance
// [groups, channels]; gamma and beta [channels]. See sweep.wgsl, which goes in front, for ALIGNED and for who owns what.
//
// @binding(0) x: array<vec4f>       read
// @binding(1) mean: array<f32>      read
// @binding(2) variance: array<f32>  read
// @binding(3) gamma: array<f32>     read
// @binding(4) beta: array<f32>      read
// @binding(5) y: array<vec4f>       written
// @binding(6) params                count (invocations); parts; quads of a part, step; values of a group, groups; channels, epsilon, slope

struct Params {
  count: u32, parts: u32, quads: u32, step: u32, groupValues: u32, groups: u32, channels: u32, epsilon: f32,
  slope: f32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(6) var<uniform> params: Params;

fn meanAt(at: vec4u) -> vec4f {
  return vec4f(mean[at.x], mean[at.y], mean[at.z], mean[at.w]);
}

fn deviationAt(at: vec4u) -> vec4f {
  let spread = vec4f(variance[at.x], variance[at.y], variance[at.z], variance[at.w]) + params.epsilon;
  return sqrt(infinityToNan(spread));
}

fn run(owner: u32) {
  let sweep = sweepOf(owner);
  let c = sweep.channels;
  let factor = vec4f(gamma[c.x], gamma[c.y], gamma[c.z], gamma[c.w]);
  let offset = vec4f(beta[c.x], beta[c.y], beta[c.z], beta[c.w]);
  var centre = meanAt(sweep.part * params.channels + c);
  var scale = factor / deviationAt(sweep.part * params.channels + c);
  for (var quad = sweep.index; quad < params.quads; quad += params.step) {
    if (!ALIGNED) {
      let group = groupsOf(quad);
      centre = meanAt(group * params.channels + c);
      scale = factor / deviationAt(group * params.channels + c);
    }
    // Centred before it is scaled: folding the mean into the offset would cancel where |mean| is far above the spread.
    let at = sweep.part * params.quads + quad;
    y[at] = activate((x[at] - centre) * scale + offset, params.slope);
  }
}
