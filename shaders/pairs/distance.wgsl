// Squared distances from products, for nearest.wgsl and within.wgsl.
//
// A point's marks are its squared length and its squared radius; what has no use for radii reads none.
//
// @binding(2) queries: array<vec2f>     read; the marks of the tile's queries, [TILE]
// @binding(3) candidates: array<vec2f>  read; of its candidates, [TILE]
//
// |x - y|^2 = |x|^2 + |y|^2 - 2 x.y cancels where two points are close, to what is left of 2^-24 (|x|^2 + |y|^2): points are
// centred before they come here, and what falls below zero is zero. Sum and product are symmetric to the bit, so that
// the distance from x to y is that from y to x, whichever is the query.
//
// Joined behind common/nan.wgsl. The distance from or to a point that holds NaN is NaN, which is nearer than nothing and within
// no radius: such a point has no neighbours and is none.

@group(0) @binding(2) var<storage, read> queries: array<vec2f>;
@group(0) @binding(3) var<storage, read> candidates: array<vec2f>;

fn squaredDistance(candidate: u32, query: u32) -> f32 {
  let lengths = candidates[candidate].x + queries[query].x;
  let square = lengths - 2.0 * products[candidate * TILE + query];
  return keepNan(vec4f(square), vec4f(max(0.0, square))).x;
}
