// How far a logit lies below the largest of its row.

/// x - largest. The largest itself is 0 below, an infinite one too: all logits of +infinity share their row's probability
/// evenly, as do those of a row that is all -infinity. NaN for NaN.
fn below(x: f32, largest: f32) -> f32 {
  return select(x - largest, 0.0, x == largest);
}
