// The two sums of batch norm's gradient over one chunk of rows, for each channel: Σ g and Σ g · (x - mean), where
// g = dy · activation'. gradientMerge.wgsl adds the chunks up.
//
// Joined behind common/nan.wgsl, common/smooth.wgsl, common/activation.wgsl and common/activationGradient.wgsl; the constant
// ACTIVATION picks the function. The activation's value, which gives its derivative, is computed again from x as apply.wgsl
// does: that costs less than reading it.
//
// Layout: dy, x [groups, rows, channels]; mean, variance [groups, channels]; gamma, beta [channels]; parts [groups, chunks, quads, 2] of vec4f: the
// two sums for four channels (a "quad"; the last may be short). VECTOR: channels is a multiple of 4, so a quad is one
// aligned vec4f; if not, it is four loads.
//
// @binding(0) dy: array<vec4f>      read
// @binding(1) x: array<vec4f>       read
// @binding(2) mean: array<f32>      read
// @binding(3) variance: array<f32>  read
// @binding(4) gamma: array<f32>     read
// @binding(5) beta: array<f32>      read
// @binding(6) parts: array<vec4f>   written
// @binding(7) params                count (invocations); rows, channels, quads, chunkRows, chunks, groups, epsilon, slope
//
// One invocation owns one quad of one chunk; see statisticsPartial.wgsl, which is built alike. One pass over dy and
// x serves both sums, and the activation's gradient is never written to memory.

struct Params {
  count: u32, rows: u32, channels: u32, quads: u32, chunkRows: u32, chunks: u32, groups: u32, epsilon: f32, slope: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;

fn run(index: u32) {
  let chunk = chunkOf(index);
  let columns = channelsOf(chunk.quad);
  let c = chunk.group * params.channels + columns;
  let centre = vec4f(mean[c.x], mean[c.y], mean[c.z], mean[c.w]);
  let spread = vec4f(variance[c.x], variance[c.y], variance[c.z], variance[c.w]) + params.epsilon;
  let factor = vec4f(gamma[columns.x], gamma[columns.y], gamma[columns.z], gamma[columns.w]);
  let scale = factor / sqrt(infinityToNan(spread));
  let offset = vec4f(beta[columns.x], beta[columns.y], beta[columns.z], beta[columns.w]);
  var sumG = vec4f();
  var sumGx = vec4f();
  for (var row = chunk.start; row < chunk.end; row++) {
    var g: vec4f;
    var value: vec4f;
    if (VECTOR) {
      let at = row * params.quads + chunk.quad;
      g = dy[at];
      value = x[at];
    } else {
      let e = row * params.channels + columns;
      let w = e >> vec4u(2u);
      let l = e & vec4u(3u);
      g = vec4f(dy[w.x][l.x], dy[w.y][l.y], dy[w.z][l.z], dy[w.w][l.w]);
      value = vec4f(x[w.x][l.x], x[w.y][l.y], x[w.z][l.z], x[w.w][l.w]);
    }
    let centred = value - centre;
    if (ACTIVATION != 0u) {
      g = activationGradient(g, activate(centred * scale + offset, params.slope), params.slope);
    }
    sumG += g;
    sumGx += g * centred;
  }
  parts[index * 2u] = sumG;
  parts[index * 2u + 1u] = sumGx;
}
