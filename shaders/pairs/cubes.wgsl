// For each query, the sum over a tile's candidates of (factor x.y + 1)^3: the kernel of the kernel distance.
//
// Layout, owners and bindings 0 and 1: see place.wgsl. sums is [tiles, TILE], a row for each tile of candidates: at most
// TILE terms are added up in float32, in four sums, and the host adds the rest in float64.
//
// @binding(2) sums: array<f32>  written
// @binding(3) params            factor
//
// Bound by memory: four products are read before the first is used. The order is fixed.

struct Params { factor: f32 }

@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

const FOUR = vec4u(0u, 1u, 2u, 3u);

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let query = id.x;
  if (query >= place.queries) {
    return;
  }
  let own = ownRow(query);
  var total = vec4f(0.0);
  for (var first = 0u; first < place.candidates; first += 4u) {
    let at = first * TILE + query;
    let product = vec4f(products[at], products[at + TILE], products[at + 2u * TILE], products[at + 3u * TILE]);
    let base = params.factor * product + 1.0;
    let rows = first + FOUR;
    let counted = (rows < vec4u(place.candidates)) & (rows != vec4u(own));
    total += select(vec4f(0.0), base * base * base, counted);
  }
  sums[place.firstCandidate / TILE * TILE + query] = (total.x + total.y) + (total.z + total.w);
}
