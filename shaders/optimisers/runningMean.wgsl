// Updates a running mean: β · mean + (1 - β) · value, with share = 1 - β.
//
// Prelude: STEP_FROM_VALUE_1, STEP_FROM_VALUE_2: whether β₁, β₂ is close to 0; see kernels/optimisers.ts.
//
// It is a step from the old mean towards the value, since β and 1 - β rounded to float32 do not add up to 1: for β = 0.999,
// β · mean + (1 - β) · value would settle 1e-5 away from a constant value. The step errs by 2^-24 of the larger of the two,
// which is too much if β is close to 0 and the value far below the mean: for β = 0 and a mean of 1 a value of 1e-9 would
// become 0. There it is a step from the value back towards the mean, which is the value itself for β = 0.

fn runningMean(mean: vec4f, value: vec4f, beta: f32, share: f32, stepFromValue: bool) -> vec4f {
  if (stepFromValue) {
    return value + beta * (mean - value);
  }
  return mean + share * (value - mean);
}
