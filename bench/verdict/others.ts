/**
 * @file Generators of known state that no threshold of the verdict was set on: what it says of these is no better for
 * having seen them. What is right was written down before they were first judged, and a threshold that is changed after a
 * look at them would take that from this list.
 */
import { digitsAlone, fewOfEach, halfOfThemFixed, ofOneSlant, weighted } from './choices.js';
import {
  blurred,
  changed,
  chosen,
  ghosts,
  inverted,
  jittered,
  type MadeGenerator,
  moveBy,
  real,
  saltAndPepper,
  upsideDown,
  withNoise,
} from './drawing.js';

/** See the file. */
export const OTHERS: readonly MadeGenerator[] = [
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
