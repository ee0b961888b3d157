// gradient.wgsl for windows that do not overlap (stride >= size) and channels in whole quads.
//
// Joined behind common/linear.wgsl and order.wgsl.
//
// Layout: x and dx [N, height, width, channels]; dy [N, outputHeight, outputWidth, channels]; channels is a multiple
// of 4, and four of them are one vec4f (a "quad").
//
// @binding(0) dy: array<vec4f>  read
// @binding(1) x: array<vec4f>   read
// @binding(2) dx: array<vec4f>  written
// @binding(3) params            count (in all, times quads), height, width, quads, outputHeight, outputWidth, size,
//                               stride, cellRows, cellColumns
//
// The image is cut into cells of stride × stride, each with its window in the upper left corner; cells at the end may
// be short, and those without a whole window have a gradient of zero. One invocation owns one quad of one cell of dx:
// it finds the winner once, where gradient.wgsl asks again for each value, so x is loaded once instead of size²
// times.

struct Params {
  count: u32, height: u32, width: u32, quads: u32, outputHeight: u32, outputWidth: u32, size: u32, stride: u32,
  cellRows: u32, cellColumns: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(index: u32) {
  let c = index % params.quads;
  let cell = index / params.quads;
  let j = cell % params.cellColumns;
  let i = cell / params.cellColumns % params.cellRows;
  let n = cell / params.cellColumns / params.cellRows;
  let top = i * params.stride;
  let left = j * params.stride;
  let corner = ((n * params.height + top) * params.width + left) * params.quads + c;

  var gradient = vec4f();
  var winner = vec4u();
  if (i < params.outputHeight && j < params.outputWidth) {
    gradient = dy[((n * params.outputHeight + i) * params.outputWidth + j) * params.quads + c];
    var best = x[corner];
    for (var p = 0u; p < params.size; p++) {
      for (var q = 0u; q < params.size; q++) {
        let candidate = x[corner + (p * params.width + q) * params.quads];
        let wins = beats(candidate, best);
        best = select(best, candidate, wins);
        winner = select(winner, vec4u(p * params.stride + q), wins);
      }
    }
  }
  for (var p = 0u; p < min(params.stride, params.height - top); p++) {
    for (var q = 0u; q < min(params.stride, params.width - left); q++) {
      let won = winner == vec4u(p * params.stride + q);
      dx[corner + (p * params.width + q) * params.quads] = select(vec4f(), gradient, won);
    }
  }
}
