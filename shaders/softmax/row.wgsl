// Reductions over a row of logits, first .. end - 1 of x, for the kernels of this folder.
//
// Rows are short (ten classes): an invocation owns a row and loops over values that the cache holds after the first pass.
// exp is computed again where it is needed again, rather than stored and read.

fn largestOf(first: u32, end: u32) -> f32 {
  var largest = x[first];
  for (var at = first + 1u; at < end; at++) {
    largest = max(largest, x[at]);
  }
  return largest;
}

/// How far a logit lies below the largest of its row. It is 0 for the largest itself, an infinite one too: all logits of
/// +infinity share their row's probability evenly, as do those of a row that is all -infinity. NaN for NaN.
fn below(x: f32, largest: f32) -> f32 {
  return select(x - largest, 0.0, x == largest);
}

/// The sum of exp(x - largest): no exp overflows.
fn totalOf(first: u32, end: u32, largest: f32) -> f32 {
  var total = 0.0;
  for (var at = first; at < end; at++) {
    total += exp(below(x[at], largest));
  }
  return total;
}
