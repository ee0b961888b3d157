// A word of layerNorm is one value: where the channels of an image do not come in fours.
//
// Joined behind smooth.wgsl, activation.wgsl and activation-slope.wgsl.

alias Word = f32;

fn addUp(word: Word) -> f32 {
  return word;
}

fn activateWord(word: Word, slope: f32) -> Word {
  return activate(vec4f(word), slope).x;
}

fn slopeOfWord(word: Word, slope: f32) -> Word {
  return activationSlope(vec4f(word), slope).x;
}
