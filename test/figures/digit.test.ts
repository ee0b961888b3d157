/**
 * @file Pictures made what classifiers take: grey, light on dark, 28 × 28.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toDigit } from '../../src/figures/digit.js';
import type { RasterImage } from '../../src/figures/png.js';

type Colour = readonly [number, number, number, number];

function picture(width: number, height: number, colourAt: (x: number, y: number) => Colour): RasterImage {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgba.set(colourAt(x, y), 4 * (y * width + x));
  }
  return { width, height, rgba };
}

const grey = (value: number): Colour => [value, value, value, 255];
const byte = (value: number): number => (value + 1) * 127.5;
const at = (values: Float32Array, x: number, y: number): number => byte(values[28 * y + x]!);
const near = (found: number, expected: number, what: string): void => {
  assert.ok(Math.abs(found - expected) < 0.01, `${what}: ${found}, not ${expected}`);
};

test('28 × 28 in grey is taken as it is', () => {
  const { values, inverted, resized } = toDigit(picture(28, 28, (x, y) => grey(x === 9 && y === 3 ? 250 : y)));
  assert.equal([inverted, resized], [false, false]);
  near(at(values, 9, 3), 250, 'the dot');
  near(at(values, 8, 3), 3, 'beside it');
  near(at(values, 0, 27), 27, 'the last row');
});

test('colours become luma; what is transparent is white', () => {
  const colours: Record<number, Colour> = {
    5: [255, 0, 0, 255],
    6: [0, 255, 0, 255],
    7: [0, 0, 255, 255],
    8: [0, 0, 0, 0],
    9: [0, 0, 0, 102],
  };
  const { values } = toDigit(picture(28, 28, (x, y) => (y === 14 ? colours[x] : undefined) ?? grey(0)));
  [0.2126 * 255, 0.7152 * 255, 0.0722 * 255, 255, 153].forEach((expected, index) => {
    near(at(values, 5 + index, 14), expected, `pixel ${5 + index}`);
  });
});

test('a picture with a light border is inverted, unless it is said otherwise', () => {
  const dark = picture(28, 28, (x) => grey(x === 14 ? 255 : 10));
  const light = picture(28, 28, (x) => grey(x === 14 ? 0 : 245));
  assert.not(toDigit(dark).inverted);
  assert.ok(toDigit(light).inverted);
  assert.equal(toDigit(light).values, toDigit(dark).values);
  assert.ok(toDigit(dark, true).inverted);
  assert.not(toDigit(light, false).inverted);
  near(at(toDigit(dark, true).values, 14, 14), 0, 'a line that was white');
  near(at(toDigit(light, false).values, 14, 14), 0, 'a line that is left black');
});

test('a larger picture is scaled by the mean of areas, and keeps its mean', () => {
  const { values, resized } = toDigit(picture(56, 56, (x, y) => grey(x === 20 && y === 31 ? 200 : 0)));
  assert.ok(resized);
  near(at(values, 10, 15), 50, 'a quarter of the pixel');
  const odd = picture(45, 45, (x, y) => grey((37 * x + 11 * y) % 100));
  const sum = (all: Iterable<number>): number => [...all].reduce((total, value) => total + value, 0);
  const before = sum(Array.from({ length: 45 * 45 }, (_, place) => odd.rgba[4 * place]!)) / 45 ** 2;
  near(sum(toDigit(odd).values.map(byte)) / 784, before, 'mean');
});

test('a smaller one is enlarged; what is not square lies in the middle of its background', () => {
  const { values } = toDigit(picture(14, 14, (x, y) => grey(x === 3 && y === 4 ? 200 : 20)));
  for (const [x, y, expected] of [
    [6, 8, 200],
    [7, 9, 200],
    [8, 8, 20],
    [5, 9, 20],
  ] as const) {
    near(at(values, x, y), expected, `${x}, ${y}`);
  }
  const tall = toDigit(picture(28, 56, (_, y) => grey(y === 28 || y === 29 ? 255 : 40))).values;
  near(at(tall, 0, 14), 40, 'left of it');
  near(at(tall, 14, 14), 255, 'the bar');
  near(at(tall, 7, 14), 255, 'its left end');
  near(at(tall, 6, 14), 40, 'beside its left end');
  // Black on white, as it is drawn on paper.
  const paper = toDigit(picture(56, 28, (x) => grey(x === 28 || x === 29 ? 0 : 255))).values;
  near(at(paper, 14, 0), 0, 'above it');
  near(at(paper, 14, 14), 255, 'the bar');
});

test('pictures that are too small or too large are refused', () => {
  const blank = (width: number, height: number): RasterImage => picture(width, height, () => grey(0));
  assert.throws(() => toDigit(blank(7, 28)), /toDigit: got 7 × 28 pixels; it takes sides from 8 to 4096/);
  assert.throws(() => toDigit(blank(28, 4097)), /got 28 × 4097 pixels/);
  assert.ok(toDigit(blank(8, 8)).resized);
});

/** A stroke of a colour on what is transparent; `edge` around it, where there is one. */
function stroke(colour: number, alpha = 255, edge?: number): RasterImage {
  return picture(28, 28, (x, y) => {
    if (x >= 12 && x <= 15 && y > 3 && y < 24) return [colour, colour, colour, alpha];
    if (edge !== undefined && x >= 11 && x <= 16 && y > 2 && y < 25) return [edge, edge, edge, 255];
    // Programs leave any colour under full transparency.
    return [(7 * x) % 256, (11 * y) % 256, 99, 0];
  });
}

test('ink on transparency is seen whatever its colour, on the background that gives contrast', () => {
  for (const [colour, alpha] of [
    [0, 255],
    [60, 255],
    [255, 255],
    [200, 255],
    [255, 200],
  ] as const) {
    const { values, inverted, hasInk } = toDigit(stroke(colour, alpha));
    assert.ok(hasInk);
    assert.is(inverted, colour < 128, `${colour} is seen on ${colour < 128 ? 'white' : 'black'}`);
    const shade = colour < 128 ? 255 - colour : (colour * alpha) / 255;
    near(at(values, 13, 10), shade, `ink of ${colour}`);
    near(at(values, 2, 2), 0, `beside ink of ${colour}`);
  }
});

test('what has its own contrast is continued beyond its edge: a sheet of paper, letters with an outline', () => {
  const sheet = toDigit(
    picture(28, 28, (x, y) => {
      if (x < 2 || y < 2 || x > 25 || y > 25) return [0, 0, 0, 0];
      return grey(x === 14 && y > 5 && y < 22 ? 0 : 255);
    }),
  );
  assert.ok(sheet.inverted && sheet.hasInk);
  near(at(sheet.values, 0, 0), 0, 'beyond the sheet');
  near(at(sheet.values, 14, 10), 255, 'ink on the sheet');
  const outlined = toDigit(stroke(255, 255, 0));
  assert.ok(outlined.hasInk && !outlined.inverted);
  near(at(outlined.values, 13, 10), 255, 'the letter');
  near(at(outlined.values, 11, 10), 0, 'its outline');
});

test('a picture of one colour has no ink, whichever it is, nor has faint noise or a speck', () => {
  const noise = (x: number, y: number): number => (13 * x + 7 * y) % 20;
  const speck = (x: number, y: number): Colour => grey(x === 700 && y === 700 ? 0 : 255);
  for (const [what, empty] of [
    ['black', picture(28, 28, () => grey(0))],
    ['white', picture(50, 28, () => grey(255))],
    ['grey', picture(28, 28, () => grey(127))],
    ['red', picture(8, 400, () => [255, 0, 0, 255])],
    ['half transparent', picture(28, 28, () => [255, 255, 255, 128])],
    ['transparent', picture(28, 28, (x) => [x, 3 * x, 9 * x, 0])],
    ['noise', picture(60, 60, (x, y) => grey(230 + noise(x, y)))],
    ['a speck', picture(1400, 1400, speck)],
  ] as const) {
    for (const invert of [undefined, true, false]) assert.not(toDigit(empty, invert).hasInk, what);
  }
  for (const [what, inked] of [
    ['a line at the border', picture(28, 28, (x) => grey(x < 3 ? 255 : 0))],
    ['light grey on white', picture(28, 28, (x) => grey(x === 14 ? 200 : 255))],
    ['a thin line in a large picture', picture(1000, 1000, (x) => grey(x === 500 || x === 501 ? 0 : 255))],
    ['a wide one', picture(280, 28, (x, y) => grey(x > 130 && x < 150 && y > 4 && y < 24 ? 0 : 255))],
  ] as const) {
    assert.ok(toDigit(inked).hasInk, what);
  }
});

test.run();
