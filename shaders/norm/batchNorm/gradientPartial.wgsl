// The two sums of batch norm's gradient over one chunk of rows, for each channel: Σ g and Σ g · (x - mean), where
// g = dy · activation'. gradientMerge.wgsl adds the chunks up.
//
// Joined behind common/nan.wgsl and common/activationGradient.wgsl; the constant ACTIVATION picks the function.
//
// Layout: dy, x, y [groups, rows, channels]; mean [groups, channels]; parts [groups, chunks, quads, 2] of vec4f: the
// two sums for four channels (a "quad"; the last may be short). VECTOR: channels is a multiple of 4, so a quad is one
// aligned vec4f; if not, it is four loads.
//
// @binding(0) dy: array<vec4f>     read
// @binding(1) x: array<vec4f>      read
// @binding(2) y: array<vec4f>      read, unless ACTIVATION is 0
// @binding(3) mean: array<f32>     read
// @binding(4) parts: array<vec4f>  written
// @binding(5) params               count (invocations); rows, channels, quads, chunkRows, chunks, groups, slope
//
// One invocation owns one quad of one chunk; see statisticsPartial.wgsl, which is built alike. One pass over dy, x
// and y serves both sums, and the activation's gradient is never written to memory.

struct Params { count: u32, rows: u32, channels: u32, quads: u32, chunkRows: u32, chunks: u32, groups: u32, slope: f32 }

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

fn run(index: u32) {
  let chunk = chunkOf(index);
  let columns = channelsOf(chunk.quad);
  let c = chunk.group * params.channels + columns;
  let centre = vec4f(mean[c.x], mean[c.y], mean[c.z], mean[c.w]);
  var sumG = vec4f();
  var sumGx = vec4f();
  for (var row = chunk.start; row < chunk.end; row++) {
    var g: vec4f;
    var value: vec4f;
    if (VECTOR) {
      let at = row * params.quads + chunk.quad;
      g = dy[at];
      value = x[at];
      if (ACTIVATION != 0u) {
        g = activationGradient(g, y[at], params.slope);
      }
    } else {
      let e = row * params.channels + columns;
      let w = e >> vec4u(2u);
      let l = e & vec4u(3u);
      g = vec4f(dy[w.x][l.x], dy[w.y][l.y], dy[w.z][l.z], dy[w.w][l.w]);
      value = vec4f(x[w.x][l.x], x[w.y][l.y], x[w.z][l.z], x[w.w][l.w]);
      if (ACTIVATION != 0u) {
        g = activationGradient(g, vec4f(y[w.x][l.x], y[w.y][l.y], y[w.z][l.z], y[w.w][l.w]), params.slope);
      }
    }
    sumG += g;
    sumGx += g * (value - centre);
  }
  parts[index * 2u] = sumG;
  parts[index * 2u + 1u] = sumGx;
}
