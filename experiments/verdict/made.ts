/**
 * @file Lists synthetic generators of known state with the correct verdicts: held-out real images, selections, mixtures and
 * repetitions of them, and noise.
 */
import { ALL, digitsAlone, fewOfEach, halfOfThemFixed, ofOneSlant, oneImage, SIZE, weighted } from './choices.js';
import {
  average,
  blurred,
  changed,
  chosen,
  ghosts,
  inverted,
  jittered,
  mixture,
  type MadeGenerator,
  moveBy,
  narrowed,
  noise,
  real,
  saltAndPepper,
  scrambled,
  upsideDown,
  withNoise,
} from './drawing.js';

/** The generators that the verdict's thresholds were set on: at least one for each verdict, and some between two. */
export const MADE: readonly MadeGenerator[] = [
  { name: 'held-out real images', expected: ['healthy'], draw: real },
  { name: 'real, moved by up to a pixel', expected: ['healthy'], draw: changed(real, jittered(1)) },
  {
    name: 'real, digits from 0.5 to 1.5 times as often',
    expected: ['healthy'],
    draw: chosen(weighted(ALL.map((digit) => 0.5 + digit / 9))),
  },
  { name: 'real, with a tenth of noise images', expected: ['healthy'], draw: mixture(0.9, real, noise) },
  { name: 'real, with a little noise on each', expected: ['healthy'], draw: changed(real, withNoise(0.1)) },
  { name: '8 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(8)) },
  { name: '7 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(7)) },
  { name: '6 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(6)) },
  { name: 'one digit in two images', expected: ['collapsing'], draw: chosen(weighted([9, 1, 1, 1, 1, 1, 1, 1, 1, 1])) },
  {
    name: 'half real, half one image',
    expected: ['collapsing'],
    draw: mixture(0.5, real, chosen(oneImage)),
  },
  { name: '20 images of each digit', expected: ['collapsing', 'collapsed'], draw: chosen(fewOfEach(20)) },
  { name: 'each digit half as varied', expected: ['collapsing'], draw: narrowed(0.7) },
  { name: '3 of 10 digits', expected: ['collapsed'], draw: chosen(digitsAlone(3)) },
  { name: '2 of 10 digits', expected: ['collapsed'], draw: chosen(digitsAlone(2)) },
  { name: '1 digit', expected: ['collapsed'], draw: chosen(digitsAlone(1)) },
  {
    name: 'one image',
    expected: ['collapsed'],
    draw: chosen(oneImage),
  },
  {
    name: 'one image, with a little noise',
    expected: ['collapsed'],
    draw: changed(chosen(oneImage), withNoise(0.1)),
  },
  { name: 'one image of each digit', expected: ['collapsed'], draw: chosen(fewOfEach(1)) },
  { name: '3 images of each digit', expected: ['collapsed'], draw: chosen(fewOfEach(3)) },
  { name: 'uniform noise', expected: ['not learning'], draw: noise },
  { name: 'the mean image', expected: ['not learning', 'collapsed'], draw: average },
  {
    name: 'black images',
    expected: ['not learning', 'collapsed'],
    draw: (_, count) => new Float32Array(count * SIZE).fill(-1),
  },
  { name: 'real, pixels scrambled', expected: ['not learning'], draw: scrambled },
  {
    name: 'half real, half noise',
    expected: ['not learning', 'collapsing'],
    draw: mixture(0.5, real, noise),
  },
  { name: 'real, salt and pepper on 5 %', expected: ['healthy'], draw: changed(real, saltAndPepper(0.05)) },
  { name: 'real, blurred 3 × 3', expected: ['healthy'], draw: changed(real, blurred(3)) },
  { name: 'real, of one slant', expected: ['healthy', 'collapsing'], draw: chosen(ofOneSlant) },
  { name: '9 of 10 digits', expected: ['healthy', 'collapsing'], draw: chosen(digitsAlone(9)) },
  {
    name: 'real, moved by 6 pixels',
    expected: ['healthy', 'not learning'],
    draw: changed(real, (image) => moveBy(image, 6, 0)),
  },
  { name: '5 digits as one image each', expected: ['collapsing'], draw: chosen(halfOfThemFixed) },
  {
    name: 'nine in ten are one digit',
    expected: ['collapsing', 'collapsed'],
    draw: chosen(weighted([81, 1, 1, 1, 1, 1, 1, 1, 1, 1])),
  },
  {
    name: '8 images of each digit, with noise',
    expected: ['collapsing', 'collapsed'],
    draw: changed(chosen(fewOfEach(8)), withNoise(0.15)),
  },
  { name: '4 of 10 digits', expected: ['collapsed'], draw: chosen(digitsAlone(4)) },
  {
    name: '5 digits, each half as often as the one before',
    expected: ['collapsed'],
    draw: chosen(weighted([16, 8, 4, 2, 1, 0, 0, 0, 0, 0])),
  },
  {
    name: 'one image of each digit, moved by up to 2 pixels',
    expected: ['collapsed'],
    draw: changed(chosen(fewOfEach(1)), jittered(2)),
  },
  { name: 'real, upside down', expected: ['not learning', 'collapsing'], draw: changed(real, upsideDown) },
  { name: 'real, blurred 9 × 9', expected: ['not learning', 'collapsing'], draw: changed(real, blurred(9)) },
  { name: 'real, salt and pepper on 40 %', expected: ['not learning'], draw: changed(real, saltAndPepper(0.4)) },
  { name: 'two images in one', expected: ['not learning'], draw: ghosts(real) },
  { name: 'real, inverted', expected: ['not learning'], draw: changed(real, inverted) },
];
