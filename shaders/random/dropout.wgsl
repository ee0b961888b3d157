// Dropout: y = x * scale where the value's random word is at least `threshold`, 0 elsewhere; threshold = rate * 2^32
// and scale = 1 / (1 - rate). With the same seed, stream and iteration the mask is the same, so the same dispatch on
// dy is the gradient, and no mask is stored. A NaN stays one even where it is dropped: a diverging run shows it.
//
// Joined behind common/linear.wgsl, philox.wgsl, words.wgsl and common/nan.wgsl. Block b of four values
// has randomWords(b).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) x: array<vec4f>        read
// @binding(2) y: array<vec4f>        written
// @binding(3) params                 count (vec4f of y), seed, stream, threshold, scale
//
// One invocation owns one block. All 32 bits are compared: an integer compare is exact, a float one would drop eight.

struct Params { count: u32, seed: u32, stream: u32, threshold: u32, scale: f32 }

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(block: u32) {
  let words = randomWords(block);
  let value = x[block];
  y[block] = keepNan(value, select(vec4f(), value * params.scale, words >= vec4u(params.threshold)));
}
