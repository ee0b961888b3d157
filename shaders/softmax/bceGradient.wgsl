// dx = (sigmoid(x) - t) * g / count: the gradient of the mean binary cross-entropy by its logits x, with the gradient g
// of the loss itself.
//
// Joined behind common/smooth.wgsl, which defines sigmoid().
//
// Layout: any, x, t and dx as vec4f of four consecutive values (a "quad"); g is one value. One invocation owns one quad of dx.
//
// @binding(0) x: array<vec4f>   read
// @binding(1) t: array<vec4f>   read
// @binding(2) g: array<f32>     read
// @binding(3) dx: array<vec4f>  written
// @binding(4) params            count (quads); share (1 / number of values)

struct Params { count: u32, share: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> t: array<vec4f>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

fn run(word: u32) {
  dx[word] = (sigmoid(x[word]) - t[word]) * (g[0] * params.share);
}
