// Where in all pairs of two sets a tile of TILE candidates by TILE queries lies, for the kernels of this folder.
//
// Layout: products [TILE, TILE], that of candidate c and query q at [c, q]. One invocation owns one query and walks down
// its column, so that neighbours read side by side; what it keeps of a query outlives the tile, so that tile by tile all
// candidates pass by in their order, whatever memory the products of all pairs would take.
//
// Prelude: TILE; SAME: queries and candidates are one set, and a point is no candidate of its own.
//
// @binding(0) products: array<f32>  read
// @binding(1) place                 the tile's first query and how many of its queries are points, not padding; the same
//                                   of the candidates. Storage and not a uniform, since it changes with every replay

struct Place {
  firstQuery: u32,
  queries: u32,
  firstCandidate: u32,
  candidates: u32,
}

@group(0) @binding(0) var<storage, read> products: array<f32>;
@group(0) @binding(1) var<storage, read> place: Place;

// The row of the query's own product, which is passed over; behind the last where there is none.
fn ownRow(query: u32) -> u32 {
  return select(place.candidates, place.firstQuery + query - place.firstCandidate, SAME);
}
