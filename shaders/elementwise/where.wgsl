// y = a where the condition is not 0, else b, value by value. A NaN condition gives NaN, so that it shows.
//
// Joined behind common/nan.wgsl. Layout: any, as vec4f of four consecutive values (a "quad"); one invocation owns one quad.
//
// @binding(0) condition: array<vec4f>  read
// @binding(1) a: array<vec4f>          read
// @binding(2) b: array<vec4f>          read
// @binding(3) y: array<vec4f>          written
// @binding(4) params                   count (quads)

struct Params { count: u32 }

@group(0) @binding(0) var<storage, read> condition: array<vec4f>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

fn run(quad: u32) {
  let c = condition[quad];
  y[quad] = keepNan(c, select(a[quad], b[quad], c == vec4f()));
}
