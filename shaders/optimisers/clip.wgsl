// Clips weights to [-limit, limit] in place: θ = min(max(θ, -limit), limit). NaN stays NaN, so that a diverging run shows it.
//
// Joined behind common/linear.wgsl and common/nan.wgsl.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad.
// Bound by memory: 16-byte
// loads and stores side by side, and a network whose parameters lie in one buffer takes one dispatch.
//
// @binding(0) parameter: array<vec4f>  read and written
// @binding(1) params                   count (quads), limit

struct Params { count: u32, limit: f32 }

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<uniform> params: Params;

fn run(quad: u32) {
  let limit = vec4f(params.limit);
  let value = parameter[quad];
  parameter[quad] = keepNan(value, select(select(value, limit, value > limit), -limit, value < -limit));
}
