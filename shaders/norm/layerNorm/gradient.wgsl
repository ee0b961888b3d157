// The gradient of forward.wgsl by x, and what those by gamma and beta are the sums of. With g = dy · activation',
// x̂ = (x - mean) · inverse and h = g · gamma:
//   dx = inverse · (h - mean(h) - x̂ · mean(h · x̂)), the means over the image (Ba et al. 2016);
//   dGamma = Σ g · x̂ and dBeta = Σ g over all images and pixels.
//
// Joined behind values.wgsl or quads.wgsl, which say what a Word is, nextChannel.wgsl, common/workgroups.wgsl and
// common/workgroupSum.wgsl. ACTIVATION picks the function.
//
// Layout: dy, x, y, dx, g and product [images, pixels, channels], gamma [channels], all as Words of 1 or 4 neighbouring
// channels; statistics [images] of vec2f: mean, inverse.
//
// @binding(0) dy: array<Word>           read
// @binding(1) x: array<Word>            read
// @binding(2) y: array<Word>            read, unless ACTIVATION is 0
// @binding(3) gamma: array<Word>        read
// @binding(4) statistics: array<vec2f>  read
// @binding(5) dx: array<Word>           written
// @binding(6) g: array<Word>            written
// @binding(7) product: array<Word>      written, g · x̂
// @binding(8) params                    count (images); words of an image, of its channels; 1 / (values of an image); slope
//
// A workgroup owns one image, and a lane every LANES-th word of it: neighbours read and write side by side, and in the
// second pass a lane reads what it wrote itself, from the cache.

struct Params { count: u32, words: u32, channelWords: u32, share: f32, slope: f32 }

@group(0) @binding(0) var<storage, read> dy: array<Word>;
@group(0) @binding(1) var<storage, read> x: array<Word>;
@group(0) @binding(2) var<storage, read> y: array<Word>;
@group(0) @binding(3) var<storage, read> gamma: array<Word>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> dx: array<Word>;
@group(0) @binding(6) var<storage, read_write> g: array<Word>;
@group(0) @binding(7) var<storage, read_write> product: array<Word>;
@group(0) @binding(8) var<uniform> params: Params;

fn run(image: u32, lane: u32) {
  let start = image * params.words;
  let mean = statistics[image].x;
  let inverse = statistics[image].y;
  let first = lane % params.channelWords;
  let onward = LANES % params.channelWords;
  var channel = first;
  var sum = Word();
  var along = Word();
  for (var word = lane; word < params.words; word += LANES) {
    let at = start + word;
    var gradient = dy[at];
    if (ACTIVATION != 0u) {
      gradient = gradientOfWord(gradient, y[at], params.slope);
    }
    let normalised = (x[at] - mean) * inverse;
    g[at] = gradient;
    product[at] = gradient * normalised;
    let scaled = gradient * gamma[channel];
    sum += scaled;
    along += scaled * normalised;
    channel = nextChannel(channel, onward, params.channelWords);
  }
  let meanOfSum = workgroupSum(lane, addUp(sum)) * params.share;
  let meanAlong = workgroupSum(lane, addUp(along)) * params.share;
  channel = first;
  for (var word = lane; word < params.words; word += LANES) {
    let at = start + word;
    let normalised = (x[at] - mean) * inverse;
    dx[at] = inverse * (g[at] * gamma[channel] - meanOfSum - normalised * meanAlong);
    channel = nextChannel(channel, onward, params.channelWords);
  }
}
