// losses[r] = -sum over c of t[r, c] * log softmax(x[r])[c]
//           = sum over c of t[r, c] * (m - x[r, c] + log(sum over c of exp(x[r, c] - m))), m the largest of row r.
//
// Layout: logits x and targets t [rows, columns], losses [rows]. One invocation owns one row's loss.
//
// @binding(0) x: array<f32>       read
// @binding(1) t: array<f32>       read
// @binding(2) losses: array<f32>  written
// @binding(3) params              count (rows), columns
//
// A product is left out where t is 0, so that a class ruled out (a logit of -infinity) makes no NaN. A NaN among the logits gives NaN,
// whatever the targets. A target above 0 at a logit of -infinity, or beside one of +infinity, gives +infinity.
//
// Joined behind common/linear.wgsl, common/nan.wgsl and row.wgsl.

struct Params { count: u32, columns: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> t: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(index: u32) {
  let row = rowOf(index);
  let logTotal = log(row.total);
  var loss = 0.0;
  for (var at = row.first; at < row.end; at++) {
    let wanted = t[at];
    if (wanted != 0.0) {
      loss += wanted * (logTotal - below(x[at], row.largest));
    }
  }
  losses[index] = keepNan(vec4f(row.total), vec4f(loss)).x;
}
