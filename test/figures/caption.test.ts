import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withCaption } from '../../src/figures/caption.js';
import { encodePng, type RasterImage } from '../../src/figures/png.js';

function plain(width: number, height: number, colour = [40, 40, 40, 255]): RasterImage {
  return { width, height, rgba: Uint8Array.from({ length: width * height * 4 }, (_, i) => colour[i % 4]!) };
}

/** Of the pixels below the picture: the columns that text touches. */
function inkColumns(image: RasterImage, pictureHeight: number): number[] {
  const columns = new Set<number>();
  for (let i = pictureHeight * image.width * 4; i < image.rgba.length; i += 4) {
    if (image.rgba[i]! < 128) columns.add((i / 4) % image.width);
  }
  return [...columns].sort((a, b) => a - b);
}

const long = 'iteration 99,000 · the same z all through the run · DCGAN on MNIST';

test('the picture stays as it is, and text stands below it, black on white', () => {
  const picture = plain(568, 100);
  const captioned = withCaption(picture, 'iteration 1,500 · fixed z');
  assert.is(captioned.width, 568);
  assert.ok(captioned.height > 120 && captioned.height < 150, `${captioned.height}`);
  assert.equal(captioned.rgba.subarray(0, picture.rgba.length), picture.rgba);
  const strip = captioned.rgba.subarray(picture.rgba.length);
  assert.equal(Array.from(strip.subarray(0, 4)), [255, 255, 255, 255]);
  assert.ok(strip.includes(0), 'black');
});

test('another text is another picture, the same text the same bytes', () => {
  const [one, again, other] = ['z 1', 'z 1', 'z 2'].map((text) => encodePng(withCaption(plain(200, 20), text)));
  assert.equal(one, again);
  assert.not.equal(one, other);
});

test('a grey picture stays a grey PNG, a coloured and a translucent one keep theirs', () => {
  const colourType = (image: RasterImage): number => encodePng(withCaption(image, long))[25]!;
  assert.is(colourType(plain(300, 20)), 0);
  assert.is(colourType(plain(300, 20, [255, 0, 255, 255])), 6);
  assert.is(colourType(plain(300, 20, [9, 9, 9, 100])), 6);
});

test('text that is too wide is set smaller on the same strip, then broken into lines, and is never cut', () => {
  const heights = new Map<string, number>();
  for (const [name, text] of Object.entries({ short: 'z', long, longer: `${long} · ${long}`, word: 'x'.repeat(300) })) {
    const captioned = withCaption(plain(480, 10), text);
    heights.set(name, captioned.height);
    const columns = inkColumns(captioned, 10);
    assert.ok(columns[0]! >= 4 && columns.at(-1)! <= 475, `${name}: inside of the margins`);
  }
  assert.is(heights.get('long'), heights.get('short'), 'smaller letters');
  assert.ok(heights.get('longer')! > heights.get('long')!, 'more lines');
  assert.ok(heights.get('word')! > heights.get('longer')!, 'a word in lines');
});

test('a line break is kept', () => {
  assert.ok(withCaption(plain(300, 10), 'a\nb').height > withCaption(plain(300, 10), 'a b').height);
});

test('a picture narrower than a letter is refused', () => {
  assert.throws(() => withCaption(plain(16, 16), 'iteration 1'), /holds no text/);
});

test.run();
