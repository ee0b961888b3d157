// The order that picks a window's largest value: the first of the largest in row-major order, or the first NaN where there
// is one. So every window has exactly one, and NaN passes through.
//
// Joined behind common/nan.wgsl.

/// Whether `value` wins against `best`, which stands before it.
fn beats(value: vec4f, best: vec4f) -> vec4<bool> {
  return ((value > best) | isNan(value)) & !isNan(best);
}
