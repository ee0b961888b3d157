/**
 * @file Lists further synthetic generators of known state, as a test set: no threshold of the verdict was set on them. The
 * correct verdicts were written down before the first evaluation. Do not tune thresholds on these results.
 */
import { digitsAlone, fewOfEach, ofOneSlant, oneImage, weighted } from './choices.js';
import {
  blurred,
  changed,
  chosen,
  grey,
  jittered,
  type MadeGenerator,
  mixture,
  narrowed,
  noise,
  quartersSwapped,
  real,
  stripes,
  thicker,
  turned,
} from './drawing.js';

/** The generators of the test set. */
export const OTHERS: readonly MadeGenerator[] = [
  { name: 'real, turned by up to 10 degrees', expected: ['healthy'], draw: changed(real, turned(10)) },
  { name: 'real, strokes a pixel thicker', expected: ['healthy'], draw: changed(real, thicker) },
  { name: 'real, white as light grey', expected: ['healthy'], draw: changed(real, grey(0.85)) },
  {
    name: 'a third are images of one digit',
    expected: ['healthy', 'collapsing'],
    draw: mixture(2 / 3, real, chosen(digitsAlone(1))),
  },
  {
    name: '8 digits, some five times as often',
    expected: ['collapsing'],
    draw: chosen(weighted([5, 5, 1, 1, 1, 1, 1, 1, 0, 0])),
  },
  { name: '40 images of each digit', expected: ['collapsing', 'collapsed'], draw: chosen(fewOfEach(40)) },
  {
    name: 'two thirds are one image, moved by up to a pixel',
    expected: ['collapsing', 'collapsed'],
    draw: mixture(1 / 3, real, changed(chosen(oneImage), jittered(1))),
  },
  { name: '7 digits, each narrower', expected: ['collapsing', 'collapsed'], draw: narrowed(0.8, digitsAlone(7)) },
  {
    name: 'one image, turned by up to 15 degrees',
    expected: ['collapsed'],
    draw: changed(chosen(oneImage), turned(15)),
  },
  {
    name: '4 images of each digit, turned by up to 5 degrees',
    expected: ['collapsed'],
    draw: changed(chosen(fewOfEach(4)), turned(5)),
  },
  {
    name: 'two digits of ten alone, nine to one',
    expected: ['collapsed'],
    draw: chosen(weighted([9, 1, 0, 0, 0, 0, 0, 0, 0, 0])),
  },
  { name: 'noise, blurred 5 × 5', expected: ['not learning'], draw: changed(noise, blurred(5)) },
  { name: 'stripes', expected: ['not learning'], draw: stripes },
  { name: 'real, quarters swapped', expected: ['not learning'], draw: changed(real, quartersSwapped) },
  {
    name: 'half of one slant, half noise',
    expected: ['not learning', 'collapsing'],
    draw: mixture(0.5, chosen(ofOneSlant), noise),
  },
];
