// The bias of Adam's running means, which start at 0: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, section 3.

/// 1 - βᵗ = -expm1(t ln β), to a few units in the last place for every t. ln β comes rounded from the host's float64;
/// its relative error e reaches the result as less than e, since |p eᵖ / (1 - eᵖ)| < 1 for p < 0. Near p = 0, where
/// 1 - exp(p) cancels, eight terms of the series serve: the first left out is below 1e-8 of the sum for |p| < 1/2.
fn biasCorrection(t: f32, logBeta: f32) -> f32 {
  let p = t * logBeta;
  if (p < -0.5) {
    return 1.0 - exp(max(p, -80.0));
  }
  // (eᵖ - 1) / p = 1 + p/2! + p²/3! + ...
  var series = 1.0 / 5040.0 + p * (1.0 / 40320.0);
  series = 1.0 / 720.0 + p * series;
  series = 1.0 / 120.0 + p * series;
  series = 1.0 / 24.0 + p * series;
  series = 1.0 / 6.0 + p * series;
  series = 0.5 + p * series;
  return -p * (1.0 + p * series);
}
