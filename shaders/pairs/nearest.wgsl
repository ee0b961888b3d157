// The K nearest candidates of each query, over as many tiles as there are: nearest is [K, TILE], nearest first.
//
// Layout, owners and bindings 0 to 3: see place.wgsl and distance.wgsl. The first tile of candidates starts afresh.
//
// Prelude: K. A query that has fewer candidates keeps FARTHEST and index 0xffffffff behind them.
//
// @binding(4) nearest: array<Neighbour>  read and written
//
// A candidate costs one comparison unless it is among the nearest so far, which of n happens K ln n times or so. The K
// are kept in registers, in order: an insertion shifts by a loop of constant length. Among equals the earlier comes
// first.

struct Neighbour {
  square: f32,
  index: u32,
}

@group(0) @binding(4) var<storage, read_write> nearest: array<Neighbour>;

const FARTHEST = 0x1.fffffep+127f;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let query = id.x;
  if (query >= place.queries) {
    return;
  }
  var kept: array<Neighbour, K>;
  for (var i = 0u; i < K; i++) {
    kept[i] = Neighbour(FARTHEST, 0xffffffffu);
    if (place.firstCandidate > 0u) {
      kept[i] = nearest[i * TILE + query];
    }
  }
  let own = ownRow(query);
  for (var candidate = 0u; candidate < place.candidates; candidate++) {
    let square = squaredDistance(candidate, query);
    if (square < kept[K - 1u].square && candidate != own) {
      var moving = Neighbour(square, place.firstCandidate + candidate);
      var shifting = false;
      for (var i = 0u; i < K; i++) {
        let here = kept[i];
        shifting = shifting || moving.square < here.square;
        if (shifting) {
          kept[i] = moving;
          moving = here;
        }
      }
    }
  }
  for (var i = 0u; i < K; i++) {
    nearest[i * TILE + query] = kept[i];
  }
}
