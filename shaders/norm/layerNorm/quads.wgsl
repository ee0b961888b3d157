// A word of layerNorm is four neighbouring channels, loaded and stored at once: where the channels come in fours.
//
// Joined behind common/nan.wgsl, common/smooth.wgsl, common/activation.wgsl and common/activationGradient.wgsl.

alias Word = vec4f;

fn addUp(word: Word) -> f32 {
  return (word.x + word.y) + (word.z + word.w);
}

fn activateWord(word: Word, slope: f32) -> Word {
  return activate(word, slope);
}

fn gradientOfWord(dy: Word, y: Word, slope: f32) -> Word {
  return activationGradient(dy, y, slope);
}
