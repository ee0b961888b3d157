// Random classes by given shares, one-hot: each row of y is 0 but for a 1 at the class that its random word falls into.
// Class c is drawn where bounds[c - 1] <= word < bounds[c]; bounds are the cumulative shares times 2^32. The last class
// has what is left, so that bounds hold one number fewer than there are classes.
//
// Joined behind common/linear.wgsl, philox.wgsl, words.wgsl. Row r has word r % 4 of
// randomWords(r / 4).
//
// @binding(0) iteration: array<u32>  read: one word, the step's number
// @binding(1) y: array<f32>          written, [rows, classes]
// @binding(2) params                 count (blocks of four rows), rows, classes, seed, stream; bounds, four a vec4u
//
// One invocation owns the four rows that one call of the generator gives words for. All 32 bits are compared: an integer
// compare is exact. A batch has few rows, so the launch is what it costs, and it is one.

struct Params { count: u32, rows: u32, classes: u32, seed: u32, stream: u32, bounds: array<vec4u, 4> }

@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn classOf(word: u32) -> u32 {
  var found = 0u;
  for (var c = 0u; c + 1u < params.classes; c++) {
    found += select(0u, 1u, word >= params.bounds[c / 4u][c % 4u]);
  }
  return found;
}

fn run(block: u32) {
  let words = randomWords(block);
  for (var part = 0u; part < min(4u, params.rows - block * 4u); part++) {
    let drawn = classOf(words[part]);
    let first = (block * 4u + part) * params.classes;
    for (var c = 0u; c < params.classes; c++) {
      y[first + c] = select(0.0, 1.0, c == drawn);
    }
  }
}
