// What softmax and its loss need of a row of the logits x [rows, columns].
//
// Rows are short (ten classes): an invocation owns a row and loops over values that the cache holds after the first pass.
// exp is computed again where it is needed again, rather than stored and read.

struct Row {
  first: u32,
  end: u32,
  largest: f32,
  total: f32, // of exp(x - largest): no exp overflows
}

/// How far a logit lies below the largest of its row. It is 0 for the largest itself, an infinite one too: all logits of
/// +infinity share their row's probability evenly, as do those of a row that is all -infinity. NaN for NaN.
fn below(x: f32, largest: f32) -> f32 {
  return select(x - largest, 0.0, x == largest);
}

fn rowOf(index: u32) -> Row {
  let first = index * params.columns;
  let end = first + params.columns;
  var largest = x[first];
  for (var at = first + 1u; at < end; at++) {
    largest = max(largest, x[at]);
  }
  var total = 0.0;
  for (var at = first; at < end; at++) {
    total += exp(below(x[at], largest));
  }
  return Row(first, end, largest, total);
}
