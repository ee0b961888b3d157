/**
 * @file Pictures cut, shrunk and laid side by side.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RasterImage } from '../../src/figures/png.js';
import { above, beside, crop, shrink } from '../../src/figures/raster.js';

/** A picture whose pixels are grey, by rows of levels. */
function picture(...rows: number[][]): RasterImage {
  const [first = []] = rows;
  const rgba = Uint8Array.from(rows.flat().flatMap((level) => [level, level, level, 255]));
  return { width: first.length, height: rows.length, rgba };
}

function levels({ width, height, rgba }: RasterImage): number[][] {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (__, x) => rgba[4 * (y * width + x)]!));
}

const NINE = picture([1, 2, 3], [4, 5, 6], [7, 8, 9]);

test('crop keeps the upper left corner, and refuses what is not there', () => {
  assert.equal(levels(crop(NINE, 2, 1)), [[1, 2]]);
  assert.equal(levels(crop(NINE, 3, 3)), levels(NINE));
  assert.throws(() => crop(NINE, 4, 1), /^crop: 3×3 pixels hold no 4×1\.$/);
});

test('shrink takes each n-th pixel', () => {
  assert.equal(levels(shrink(NINE, 2)), [
    [1, 3],
    [7, 9],
  ]);
  assert.equal(levels(shrink(NINE, 1)), levels(NINE));
});

test('beside puts white between and below', () => {
  assert.equal(levels(beside([picture([1], [2]), picture([3, 4])], 1)), [
    [1, 255, 3, 4],
    [2, 255, 255, 255],
  ]);
  assert.throws(() => beside([], 1), /no pictures/);
});

test('above puts white between and to the right', () => {
  assert.equal(levels(above([picture([1, 2]), picture([3], [4])], 1)), [
    [1, 2],
    [255, 255],
    [3, 255],
    [4, 255],
  ]);
  assert.throws(() => above([], 1), /no pictures/);
});

test.run();
