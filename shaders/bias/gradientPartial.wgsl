// dx = dy · activation' from the activation's value y, and partial sums of dx over the rows, for the gradient by a bias.
// gradientMerge.wgsl adds these up.
//
// Joined behind common/nan.wgsl and common/activationGradient.wgsl; the constant ACTIVATION picks the function.
//
// Layout: dy, y, dx [rows, columns], as vec4f of four consecutive values (a "quad"); parts [4 · count / columns, columns].
//
// @binding(0) dy: array<vec4f>     read
// @binding(1) y: array<vec4f>      read
// @binding(2) dx: array<vec4f>     written
// @binding(3) parts: array<vec4f>  written
// @binding(4) params               values; count (invocations); slope
//
// One invocation owns the quads index, index + count, index + 2 count, ... of dx, and their sum, quad `index` of parts.
// 4 * count is a multiple of columns, so the columns of an invocation's quads are always the same four, whatever the
// alignment; quads of neighbours lie side by side. dx is summed while it is in registers: memory is read once.

struct Params { values: u32, count: u32, slope: f32 }

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

fn run(index: u32) {
  var sum = vec4f();
  for (var quad = index; quad * 4u < params.values; quad += params.count) {
    let gradient = activationGradient(dy[quad], y[quad], params.slope);
    dx[quad] = gradient;
    // Behind the last value there may be anything.
    sum += select(vec4f(), gradient, vec4u(0u, 1u, 2u, 3u) < vec4u(params.values - quad * 4u));
  }
  parts[index] = sum;
}
