// A learning rate for each update. Joined in front of adam.wgsl. A recorded step follows the schedule by its own count of
// updates, so that nothing is written between two replays.
//
// @binding(5) factors: array<f32>  read: that of update t, counted from 1, is word t - 1; the last stays in use
// @binding(6) params               those of adam.wgsl, then decay, and updates: the length of the schedule

struct Params {
  quads: u32, span: u32, ahead: u32, learningRate: f32, epsilon: f32, beta1: f32, beta2: f32, share1: f32,
  share2: f32, log1: f32, log2: f32, decay: f32, updates: u32,
}

@group(0) @binding(5) var<storage, read> factors: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

fn learningRateOf(update: u32) -> f32 {
  return params.learningRate * factors[clamp(update, 1u, params.updates) - 1u];
}

fn keepOf(learningRate: f32) -> f32 {
  return 1.0 - learningRate * params.decay;
}
