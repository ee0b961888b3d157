// Keeps weights within a box, in place: θ = min(max(θ, -limit), limit). A NaN stays one: a run that diverges shows it.
//
// Joined behind common/nan.wgsl.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad. It is bound by memory: 16-byte
// loads and stores side by side, and a network whose parameters lie in one buffer takes one dispatch.
//
// @binding(0) parameter: array<vec4f>  read and written
// @binding(1) params                   count, limit

struct Params { count: u32, limit: f32 }

@group(0) @binding(0) var<storage, read_write> parameter: array<vec4f>;
@group(0) @binding(1) var<uniform> params: Params;

fn run(quad: u32) {
  let limit = vec4f(params.limit);
  let value = parameter[quad];
  parameter[quad] = keepNan(value, select(select(value, limit, value > limit), -limit, value < -limit));
}
