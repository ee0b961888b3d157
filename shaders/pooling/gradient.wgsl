// The gradient of max.wgsl: dx[n, h, w, c] = Σ dy over the windows in which x[n, h, w, c] is the largest (see order.wgsl).
//
// Joined behind common/quads.wgsl, common/load.wgsl and window.wgsl.
//
// Layout: x and dx [N, height, width, channels]; dy [N, outputHeight, outputWidth, channels]. VECTOR: channels is a
// multiple of 4.
//
// @binding(0) dy: array<vec4f>  read
// @binding(1) x: array<vec4f>   read
// @binding(2) y: array<vec4f>   written, dx
// @binding(3) params            count (values of dx), height, width, channels, outputHeight, outputWidth, size, stride
//
// One invocation owns four consecutive values of dx, which is one vec4f, and gathers: it visits each window that
// covers the value and adds its dy if the value is the window's largest. Scattering from the windows would need float atomics
// where they overlap, or zeros written first; keeping the winners from the forward pass would need memory and another
// buffer to read. The price is size² loads of x a window, of which neighbours share the cache lines.

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn loadGradient(element: u32) -> vec4f {
  if (VECTOR) {
    return dy[element >> 2u];
  }
  return vec4f(dy[element >> 2u][element & 3u]);
}

/// The first window, along one axis, that reaches `position`.
fn firstWindow(position: u32) -> u32 {
  if (position < params.size) {
    return 0u;
  }
  return (position - params.size) / params.stride + 1u;
}

/// Whether `value`, at row p and column q of the window whose first element is `corner`, is its winner.
fn wins(value: vec4f, corner: u32, p: u32, q: u32) -> vec4<bool> {
  var won = vec4<bool>(true);
  for (var r = 0u; r < params.size; r++) {
    for (var s = 0u; s < params.size; s++) {
      let rival = load(corner + (r * params.width + s) * params.channels);
      let before = r < p || (r == p && s < q);
      // No value beats itself.
      won = won & select(!beats(rival, value), beats(value, rival), vec4<bool>(before));
    }
  }
  return won;
}

/// The value of dx at `element`; with VECTOR the four from there on.
fn resultAt(element: u32) -> vec4f {
  let c = element % params.channels;
  let pixel = element / params.channels;
  let w = pixel % params.width;
  let h = pixel / params.width % params.height;
  let n = pixel / params.width / params.height;
  let value = load(element);
  let lastRow = min(h / params.stride + 1u, params.outputHeight);
  let lastColumn = min(w / params.stride + 1u, params.outputWidth);
  var sum = vec4f();
  for (var i = firstWindow(h); i < lastRow; i++) {
    for (var j = firstWindow(w); j < lastColumn; j++) {
      let top = i * params.stride;
      let left = j * params.stride;
      let corner = ((n * params.height + top) * params.width + left) * params.channels + c;
      let gradient = loadGradient(((n * params.outputHeight + i) * params.outputWidth + j) * params.channels + c);
      sum += select(vec4f(), gradient, wins(value, corner, h - top, w - left));
    }
  }
  return sum;
}
