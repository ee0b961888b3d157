// One learning rate for all updates. Joined in front of adam.wgsl.
//
// @binding(5) params  those of adam.wgsl, then keep = 1 - lr · decay

struct Params {
  quads: u32, span: u32, ahead: u32, learningRate: f32, epsilon: f32, beta1: f32, beta2: f32, share1: f32,
  share2: f32, log1: f32, log2: f32, keep: f32,
}

@group(0) @binding(5) var<uniform> params: Params;

fn learningRateOf(update: u32) -> f32 {
  return params.learningRate;
}

fn keepOf(learningRate: f32) -> f32 {
  return params.keep;
}
