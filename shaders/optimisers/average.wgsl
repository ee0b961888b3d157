// Updates a running average in place: a = decay · a + rate · θ.
//
// Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad.
// Bound by memory: 16-byte
// loads and stores side by side, and a network whose parameters lie in one buffer takes one dispatch.
//
// @binding(0) average: array<vec4f>  read and written
// @binding(1) value: array<vec4f>    read
// @binding(2) params                 count (quads), decay, rate = 1 - decay

struct Params { count: u32, decay: f32, rate: f32 }

@group(0) @binding(0) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(1) var<storage, read> value: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

fn run(quad: u32) {
  average[quad] = params.decay * average[quad] + params.rate * value[quad];
}
