// y = activation(gamma * (x - mean) / sqrt(variance + epsilon) + beta), mean and variance those of the image itself.
//
// Joined behind values.wgsl or quads.wgsl, which say what a Word is, nextChannel.wgsl, common/workgroups.wgsl and
// common/workgroupSum.wgsl. ACTIVATION picks the function.
//
// Layout: x and y [images, pixels, channels], gamma and beta [channels], all as Words of 1 or 4 neighbouring channels;
// statistics [images] of vec2f: mean, 1 / sqrt(variance + epsilon).
//
// @binding(0) x: array<Word>             read
// @binding(1) gamma: array<Word>         read
// @binding(2) beta: array<Word>          read
// @binding(3) y: array<Word>             written
// @binding(4) statistics: array<vec2f>   written
// @binding(5) params                     count (images); words of an image, of its channels; 1 / (values of an image); epsilon, slope
//
// A workgroup owns one image, and a lane every LANES-th word of it, so that neighbours read and write side by side. The
// image is read three times, and twice of them from the cache: mean, squares of what is left, result. The variance is
// taken from differences, for E[x²] - E[x]² cancels where the mean is far above the spread. One dispatch does it all.
//
// Where the variance overflows, the image's statistics and all of y are NaN: by an infinite one y would be beta, and the
// overflow would not show.

struct Params { count: u32, words: u32, channelWords: u32, share: f32, epsilon: f32, slope: f32 }

@group(0) @binding(0) var<storage, read> x: array<Word>;
@group(0) @binding(1) var<storage, read> gamma: array<Word>;
@group(0) @binding(2) var<storage, read> beta: array<Word>;
@group(0) @binding(3) var<storage, read_write> y: array<Word>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2f>;
@group(0) @binding(5) var<uniform> params: Params;

fn run(image: u32, lane: u32) {
  let start = image * params.words;
  var sum = Word();
  for (var word = lane; word < params.words; word += LANES) {
    sum += x[start + word];
  }
  let mean = workgroupSum(lane, addUp(sum)) * params.share;
  var squares = Word();
  for (var word = lane; word < params.words; word += LANES) {
    let centred = x[start + word] - mean;
    squares += centred * centred;
  }
  let spread = workgroupSum(lane, addUp(squares)) * params.share + params.epsilon;
  let inverse = 1.0 / sqrt(infinityToNan(vec4f(spread)).x);
  if (lane == 0u) {
    statistics[image] = vec2f(mean, inverse);
  }
  var channel = lane % params.channelWords;
  let onward = LANES % params.channelWords;
  for (var word = lane; word < params.words; word += LANES) {
    let normalised = (x[start + word] - mean) * inverse;
    y[start + word] = activateWord(normalised * gamma[channel] + beta[channel], params.slope);
    channel = nextChannel(channel, onward, params.channelWords);
  }
}
