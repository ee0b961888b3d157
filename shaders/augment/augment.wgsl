// Each image moved by rows and columns of its own and with a hole of its own, both by draws: what lies beyond the border
// and in the hole is params.fill. Differentiable augmentation by translation and cutout: Zhao et al. 2020,
// https://arxiv.org/abs/2006.10738.
//
// Layout: x and y [N, H, W, C], draws [N, 4] on [0, 1): rows and columns of the movement, row and column of the hole's
// centre. A draw u is the place ⌊u · places⌋ of so many places. The movement has the places −shift … shift; the centre lies
// on a pixel, or before one or behind the last where the hole has an even length, and what of the hole lies beyond the
// border is lost, as the authors' code has it. Values are moved and never compared: a NaN stays one where it is seen, and is
// gone where it left the image or lies in the hole.
//
// Prelude: ADJOINT: the adjoint of the map without its fill, which is 0 then: y at a pixel is x where that pixel went, or 0
// where it left the image or fell into the hole.
//
// @binding(0) x: array<f32>        read
// @binding(1) draws: array<vec4f>  read: one word an image
// @binding(2) y: array<vec4f>      written
// @binding(3) params               count (words of y), values of y, H, W, C, shift (rows, columns), hole (rows, columns), fill
//
// One invocation owns four values in a row of y: every value is read at one place or nowhere, so nothing is summed and no
// order matters. The reads of neighbours are neighbours, and draws come out of the cache.

struct Params { count: u32, values: u32, height: i32, width: i32, channels: i32, shift: vec2i, hole: vec2i, fill: f32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> draws: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

/// min: the product rounds up to `places` where u is next to 1.
fn place(u: vec2f, places: vec2i) -> vec2i {
  return min(vec2i(u * vec2f(places)), places - 1);
}

fn value(index: u32) -> f32 {
  let size = vec2i(params.height, params.width);
  let at = i32(min(index, params.values - 1u));
  let pixel = at / params.channels;
  let row = pixel / size.y;
  let image = row / size.x;
  let here = vec2i(row - image * size.x, pixel - row * size.y);
  let draw = draws[image];
  let movement = place(draw.xy, 2 * params.shift + 1) - params.shift;
  let centre = place(draw.zw, size + 1 - params.hole % 2);
  let other = select(here - movement, here + movement, ADJOINT);
  let inHole = select(here, other, ADJOINT) - (centre - params.hole / 2);
  let isHole = all(inHole >= vec2i()) && all(inHole < params.hole);
  if (isHole || any(other < vec2i()) || any(other >= size)) {
    return params.fill;
  }
  return x[((image * size.x + other.x) * size.y + other.y) * params.channels + at - pixel * params.channels];
}

fn run(word: u32) {
  let first = word * 4u;
  y[word] = vec4f(value(first), value(first + 1u), value(first + 2u), value(first + 3u));
}
