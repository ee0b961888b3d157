// For each query, of all candidates so far: x, those whose own radius reaches it; y, those that its own radius reaches.
//
// Layout, owners and bindings 0 to 3: see place.wgsl and distance.wgsl. The first tile of candidates starts afresh. A
// radius reaches what lies on it; a negative one reaches nothing.
//
// @binding(4) counts: array<vec2u>  read and written, [TILE]
//
// Both counts share the one read of a product. No branch but for the loop: booleans are added.

@group(0) @binding(4) var<storage, read_write> counts: array<vec2u>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let query = id.x;
  if (query >= place.queries) {
    return;
  }
  let radius = queries[query].y;
  let own = ownRow(query);
  var count = select(vec2u(0u), counts[query], place.firstCandidate > 0u);
  for (var candidate = 0u; candidate < place.candidates; candidate++) {
    let reached = vec2f(squaredDistance(candidate, query)) <= vec2f(candidates[candidate].y, radius);
    count += vec2u(reached & vec2<bool>(candidate != own));
  }
  counts[query] = count;
}
