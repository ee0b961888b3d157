import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng, encodePng, imageGrid, type RasterImage } from '../../src/figures/png.js';

function colourAt(image: RasterImage, x: number, y: number): number[] {
  return Array.from(image.rgba.subarray((y * image.width + x) * 4, (y * image.width + x) * 4 + 4));
}

const white = [255, 255, 255, 255];
const black = [0, 0, 0, 255];
const grey = [128, 128, 128, 255];
const magenta = [255, 0, 255, 255];
const tiny = { height: 1, width: 2, channels: 1 };

test('images go left to right, then down, with a gap between and none around', () => {
  const grid = imageGrid(new Float32Array([-1, 1, 1, -1, 0, 0]), { ...tiny, count: 3, columns: 2, gap: 1 });
  assert.equal([grid.width, grid.height], [5, 3]);
  assert.equal(
    [0, 1, 3, 4].map((x) => colourAt(grid, x, 0)),
    [black, white, white, black],
  );
  assert.equal(
    [0, 1].map((x) => colourAt(grid, x, 2)),
    [grey, grey],
  );
  const gap = colourAt(grid, 2, 0);
  assert.equal([colourAt(grid, 0, 1), colourAt(grid, 3, 2)], [gap, gap], 'the gap and the place left over look alike');
});

test('scale repeats pixels and does not blend them', () => {
  const grid = imageGrid(new Float32Array([-1, 1]), { ...tiny, count: 1, gap: 7, scale: 3 });
  assert.equal([grid.width, grid.height], [6, 3]);
  for (let y = 0; y < 3; y++) {
    assert.equal(
      ascending(6).map((x) => colourAt(grid, x, y)),
      [black, black, black, white, white, white],
    );
  }
});

test('by default the grid is about square', () => {
  const grid = imageGrid(new Float32Array(25 * 784), { count: 25, height: 28, width: 28, channels: 1 });
  assert.equal([grid.width, grid.height], [148, 148]);
});

test('NaN and infinities are magenta, values out of range are clamped', () => {
  const grid = imageGrid(new Float32Array([NaN, Infinity, -Infinity, 7, -7, 1]), {
    count: 1,
    height: 1,
    width: 6,
    channels: 1,
  });
  assert.equal(
    ascending(6).map((x) => colourAt(grid, x, 0)),
    [magenta, magenta, magenta, white, black, white],
  );
});

test('three channels are red, green and blue', () => {
  const grid = imageGrid(new Float32Array([1, -1, 0, 0, NaN, 0]), { count: 1, height: 1, width: 2, channels: 3 });
  assert.equal([colourAt(grid, 0, 0), colourAt(grid, 1, 0)], [[255, 0, 128, 255], magenta]);
});

test('a grid that makes no sense is refused', () => {
  const options = { ...tiny, count: 2 };
  assert.throws(() => imageGrid(new Float32Array(3), options), /2×1×2×1 takes 4 floats, got 3/);
  assert.throws(() => imageGrid(new Float32Array(4), { ...options, channels: 2 }), /channels must be 1 or 3, got 2/);
  assert.throws(() => imageGrid(new Float32Array(4), { ...options, scale: 1.5 }), /scale.*got 1.5/);
  assert.throws(() => imageGrid(new Float32Array(4), { ...options, columns: 0 }), /columns.*got 0/);
  assert.throws(() => imageGrid(new Float32Array(4), { ...options, gap: -1 }), /gap.*got -1/);
});

test('PNG gives back what was put in: grey, coloured and translucent', () => {
  const grey256 = imageGrid(
    Float32Array.from({ length: 256 }, (_, i) => i / 127.5 - 1),
    {
      count: 1,
      height: 16,
      width: 16,
      channels: 1,
    },
  );
  assert.is(new Set(grey256.rgba).size, 256, 'every byte value occurs');
  const coloured = imageGrid(new Float32Array([1, -1, 0, NaN]), { ...tiny, count: 2 });
  const translucent = { width: 2, height: 1, rgba: new Uint8Array([10, 20, 30, 40, 50, 60, 70, 255]) };
  for (const image of [grey256, coloured, translucent]) {
    const decoded = decodePng(encodePng(image));
    assert.equal([decoded.width, decoded.height], [image.width, image.height]);
    assert.equal(decoded.rgba, image.rgba);
  }
});

test('broken pictures are refused both ways', () => {
  assert.throws(() => encodePng({ width: 2, height: 2, rgba: new Uint8Array(4) }), /2×2 takes 16 bytes of RGBA, got 4/);
  assert.throws(() => decodePng(new Uint8Array([1, 2, 3])), /decodePng/);
  const whole = encodePng({ width: 1, height: 1, rgba: new Uint8Array(4) });
  assert.throws(() => decodePng(whole.subarray(0, whole.length - 20)), /decodePng/);
});

test('a size that the file only states is refused before anything of it is allocated', () => {
  const lying = Buffer.from(encodePng({ width: 1, height: 1, rgba: new Uint8Array(4) }));
  lying.writeUInt32BE(15_000, 16);
  lying.writeUInt32BE(15_000, 20);
  assert.throws(() => decodePng(lying), /15000 × 15000 pixels are too many/);
});

function ascending(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test.run();
