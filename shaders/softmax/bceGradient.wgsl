// dx = (sigmoid(x) - t) * g / count: the gradient of the mean binary cross-entropy by its logits x, with the gradient g
// of the loss itself.
//
// Joined behind common/smooth.wgsl, which defines sigmoid().
//
// Layout: any; x, t and dx hold params.count floats, g one. One invocation owns four values of dx.
//
// @binding(0) x: array<vec4f>   read
// @binding(1) t: array<vec4f>   read
// @binding(2) g: array<f32>     read
// @binding(3) dx: array<vec4f>  written
// @binding(4) params            count; share (1 / count)

struct Params { count: u32, share: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> t: array<vec4f>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

fn run(word: u32) {
  dx[word] = (sigmoid(x[word]) - t[word]) * (g[0] * params.share);
}
