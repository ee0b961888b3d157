// One step of gradient descent with momentum, in place, the learning rate outside the velocity:
//
//   v = momentum · v + g;  θ = θ (1 - lr · decay) - lr · v
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad.
// Bound by memory.
//
// @binding(0) parameter: array<vec4f>  read and written
// @binding(1) gradient: array<vec4f>   read
// @binding(2) velocity: array<vec4f>   read and written
// @binding(3) params                   count (quads), learningRate, keep = 1 - lr · decay, momentum

struct Params { count: u32, learningRate: f32, keep: f32, momentum: f32 }

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn run(quad: u32) {
  let v = params.momentum * velocity[quad] + gradient[quad];
  velocity[quad] = v;
  parameter[quad] = params.keep * parameter[quad] - params.learningRate * v;
}
