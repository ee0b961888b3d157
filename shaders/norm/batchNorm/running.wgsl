// The running averages of batch norm: running = momentum * running + share * batch, in place, for mean and variance;
// share is 1 - momentum, rounded once on the host.
//
// Joined in front of statisticsMerge.wgsl, which calls keepRunning() where it knows a batch's statistics.
//
// Layout: [channels], as vec4f of four consecutive channels (a "quad"); who owns a quad of the statistics owns it here.
//
// @binding(3) runningMean: array<vec4f>      read and written
// @binding(4) runningVariance: array<vec4f>  read and written
// @binding(5) params                         see statisticsMerge.wgsl

@group(0) @binding(3) var<storage, read_write> runningMean: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> runningVariance: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

fn keepRunning(quad: u32, batchMean: vec4f, batchVariance: vec4f) {
  runningMean[quad] = params.momentum * runningMean[quad] + params.share * batchMean;
  runningVariance[quad] = params.momentum * runningVariance[quad] + params.share * batchVariance;
}
