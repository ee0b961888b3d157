// A word of layerNorm is one value: where the channels of an image do not come in fours.
//
// Joined behind common/nan.wgsl, common/smooth.wgsl, common/activation.wgsl and common/activationGradient.wgsl.

alias Word = f32;

fn addUp(word: Word) -> f32 {
  return word;
}

fn activateWord(word: Word, slope: f32) -> Word {
  return activate(vec4f(word), slope).x;
}

fn gradientOfWord(dy: Word, y: Word, slope: f32) -> Word {
  return activationGradient(vec4f(dy), vec4f(y), slope).x;
}
