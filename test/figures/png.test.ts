import { deflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng, encodeLargePng, encodePng, imageGrid, type RasterImage } from '../../src/figures/png.js';
import { chunk, header, imageData, png } from './rawPng.js';

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

test('PNG gives back what was put in: grey, coloured and translucent', async () => {
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
    for (const png of [encodePng(image), await encodeLargePng(image)]) {
      const decoded = decodePng(png);
      assert.equal([decoded.width, decoded.height], [image.width, image.height]);
      assert.equal(decoded.rgba, image.rgba);
    }
  }
});

test('a large picture is encoded in strips, which are reported, and decodes to the same pixels', async () => {
  const [width, height] = [1000, 600];
  const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7919) >>> 5));
  const told: number[] = [];
  const png = await encodeLargePng({ width, height, rgba }, (done, total) => {
    assert.is(total, height);
    told.push(done);
  });
  assert.equal(told, [0, 262, 524, 600]);
  assert.ok(Buffer.from(decodePng(png).rgba).equals(rgba));
  const refused = await encodeLargePng({ width: 2, height: 2, rgba: new Uint8Array(4) }).catch(String);
  assert.match(String(refused), /encodeLargePng: 2×2 takes 16 bytes of RGBA, got 4/);
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

const plain = png(header(2, 1, 8, 0), imageData([0, 7, 250]));
const opaque = (...values: number[]): number[] => values.flatMap((value) => [value, value, value, 255]);

test('what cameras and recovery tools write after the end, and chunks without pixels, change nothing', () => {
  const noted = png(header(2, 1, 8, 0), chunk('tEXt', Buffer.from('a')), imageData([0, 7, 250]), chunk('tIME'));
  const bomb = deflateSync(Buffer.alloc(2 ** 20));
  const packed = png(header(2, 1, 8, 0), chunk('iCCP', bomb), chunk('zTXt', bomb), imageData([0, 7, 250]));
  const [first, second] = [
    deflateSync(Uint8Array.of(0, 7, 250)).subarray(0, 3),
    deflateSync(Uint8Array.of(0, 7, 250)).subarray(3),
  ];
  const parts = png(header(2, 1, 8, 0), chunk('IDAT', first), chunk('IDAT'), chunk('IDAT', second));
  const junk = [Buffer.from('x'), Buffer.alloc(5000, 0xff), plain];
  for (const file of [plain, noted, packed, parts, ...junk.map((more) => Buffer.concat([plain, more]))]) {
    assert.equal(Array.from(decodePng(file).rgba), opaque(7, 250));
  }
});

test('each colour type and depth is decoded, with its transparency', () => {
  const palette = chunk('PLTE', Uint8Array.of(255, 0, 0, 0, 0, 9));
  for (const [file, expected] of [
    [png(header(2, 1, 16, 0), imageData([0, 0x80, 0x80, 0xff, 0xff])), opaque(128, 255)],
    [png(header(3, 1, 1, 0), imageData([0, 0b10100000])), opaque(255, 0, 255)],
    [png(header(2, 1, 4, 0), chunk('tRNS', Uint8Array.of(0, 15)), imageData([0, 0x3f])), [51, 51, 51, 255, 0, 0, 0, 0]],
    [png(header(2, 1, 8, 4), imageData([0, 9, 255, 8, 0])), [9, 9, 9, 255, 8, 8, 8, 0]],
    [png(header(1, 1, 16, 4), imageData([0, 9, 9, 0x80, 0x80])), [9, 9, 9, 128]],
    [
      png(header(2, 1, 1, 3), palette, chunk('tRNS', Uint8Array.of(7)), imageData([0, 0x40])),
      [255, 0, 0, 7, 0, 0, 9, 255],
    ],
    [png(header(1, 1, 16, 6), imageData([0, 1, 1, 2, 2, 3, 3, 4, 4])), [1, 2, 3, 4]],
    [png(header(1, 1, 8, 2, 1), imageData([0, 1, 2, 3])), [1, 2, 3, 255]],
    // Of three columns by two rows, the first pass has a pixel, the fourth and sixth some, the last a row.
    [png(header(3, 2, 8, 0, 1), imageData([0, 1], [0, 3], [0, 2], [0, 4, 5, 6])), opaque(1, 2, 3, 4, 5, 6)],
  ] as const) {
    assert.equal(Array.from(decodePng(file).rgba), expected);
  }
});

test('a file that takes more than its size says, or says two sizes, is refused before it is unpacked', () => {
  const bomb = chunk('IDAT', deflateSync(Buffer.alloc(2 ** 20)));
  const small = header(2, 1, 8, 0);
  for (const [file, message] of [
    [png(small, header(50_000, 50_000, 8, 6), imageData([0, 7, 250])), /it has a second IHDR/],
    [png(small, imageData([0, 7, 250]), header(2, 1, 8, 0)), /it has a second IHDR/],
    [png(small, bomb), /it holds more than the 3 bytes of its size/],
    [png(header(2, 1, 8, 0, 1), bomb), /it holds more than the 4 bytes of its size/],
    [png(header(2 ** 12 + 1, 2 ** 12, 8, 0), bomb), /4097 × 4096 pixels are too many/],
    [png(header(2 ** 31, 2 ** 31, 1, 0, 1), bomb), /pixels are too many/],
    [png(header(0, 1, 8, 0), bomb), /it has 0 × 1 pixels/],
    [png(small, imageData([0, 7])), /it holds 2 bytes of pixels, and its size takes 3/],
    [png(small), /decodePng/],
    [png(small, imageData([0, 7, 250]), chunk('tEXt'), imageData([0])), /image data are not in one piece/],
    [png(small, chunk('ABCD'), imageData([0, 7, 250])), /it has a chunk ABCD, which is not known here/],
    [png(chunk('gAMA'), small, imageData([0, 7, 250])), /its first chunk is not IHDR/],
    [png(header(2, 1, 3, 0), imageData([0, 7])), /there is no colour type 0 of 3 bits/],
    [png(header(1, 1, 8, 3), imageData([0, 7])), /its palette is missing/],
    [png(header(1, 1, 1, 3), chunk('PLTE', new Uint8Array(9)), imageData([0, 0])), /palette has 9 bytes/],
    [png(header(1, 1, 8, 0), chunk('tRNS', new Uint8Array(3)), imageData([0, 0])), /tRNS has 3 bytes/],
    [png(...new Array<Buffer>(100_001).fill(small).fill(chunk('tEXt'), 1)), /more than 100000 chunks/],
    [plain.subarray(0, plain.length - 1), /it is cut short/],
    [png(chunk('A1CD')), /one of its chunks has no name/],
  ] as const) {
    assert.throws(() => decodePng(file), message);
  }
  const damaged = Buffer.from(png(small, imageData([0, 7, 250])));
  damaged[damaged.length - 14]! ^= 1;
  assert.throws(() => decodePng(damaged), /its chunk IDAT is damaged: the checksum differs/);
});

function ascending(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test.run();
