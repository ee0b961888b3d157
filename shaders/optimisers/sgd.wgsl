// One step of gradient descent, in place: θ = θ (1 - lr · decay) - lr · g.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad.
// Bound by memory.
//
// @binding(0) parameter: array<vec4f>  read and written
// @binding(1) gradient: array<vec4f>   read
// @binding(2) params                   count (quads), learningRate, keep = 1 - lr · decay

struct Params { count: u32, learningRate: f32, keep: f32 }

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(quad: u32) {
  parameter[quad] = params.keep * parameter[quad] - params.learningRate * gradient[quad];
}
