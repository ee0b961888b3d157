import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { animationPieces, encodeAnimation } from '../../src/figures/animation.js';
import type { RasterImage } from '../../src/figures/png.js';

interface Gif {
  readonly width: number;
  readonly height: number;
  /** How often to start over, 0 for ever; undefined for never. */
  readonly loops: number | undefined;
  readonly frames: readonly { readonly delayMs: number; readonly rgba: Uint8Array }[];
}

const once = { delayMs: 100, lastDelayMs: 100, loop: false };

/** All 256 greys, each shifted by `shift`. */
function greys(shift: number): RasterImage {
  const rgba = Uint8Array.from({ length: 256 * 4 }, (_, i) => (i % 4 === 3 ? 255 : ((i >> 2) + shift) % 256));
  return { width: 32, height: 8, rgba };
}

test('every grey of every frame is kept', () => {
  const frames = [greys(0), greys(1), greys(100)];
  const gif = readGif(encodeAnimation(frames, once));
  assert.equal([gif.width, gif.height, gif.frames.length], [32, 8, 3]);
  frames.forEach(({ rgba }, index) => assert.equal(gif.frames[index]!.rgba, rgba, `frame ${index}`));
});

test('a frame of few colours is kept too, one of many keeps its look', () => {
  const few = { width: 2, height: 1, rgba: new Uint8Array([255, 0, 255, 255, 7, 8, 9, 255]) };
  assert.equal(readGif(encodeAnimation([few], once)).frames[0]!.rgba, few.rgba);
  const side = 64;
  const rgba = Uint8Array.from({ length: side * side * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % side, Math.floor((i >> 2) / side)];
    return [x * 4, y * 4, 128, 255][i % 4]!;
  });
  const decoded = readGif(encodeAnimation([{ width: side, height: side, rgba }], once)).frames[0]!.rgba;
  const error = decoded.reduce((sum, value, i) => sum + Math.abs(value - rgba[i]!), 0) / rgba.length;
  assert.ok(error < 8, `mean error ${error}`);
});

test('delays, the longer last one, and looping', () => {
  const frames = [greys(0), greys(1), greys(2)];
  const gif = readGif(encodeAnimation(frames, { delayMs: 126, lastDelayMs: 2000, loop: true }));
  assert.equal(
    gif.frames.map(({ delayMs }) => delayMs),
    [130, 130, 2000],
  );
  assert.is(gif.loops, 0);
  assert.is(readGif(encodeAnimation(frames, once)).loops, undefined);
});

test('the same frames give the same bytes', () => {
  assert.equal(encodeAnimation([greys(0), greys(5)], once), encodeAnimation([greys(0), greys(5)], once));
});

test('frames are asked for as they are written, and no more than two at a time', () => {
  const count = 50;
  let asked = 0;
  function* frames(): Generator<RasterImage> {
    for (; asked < count;) yield greys(asked++);
  }
  const pieces: Uint8Array[] = [];
  for (const piece of animationPieces(frames(), { ...once, loop: true })) {
    pieces.push(piece);
    // The first piece is the header.
    assert.ok(asked <= Math.max(2, pieces.length), `${asked} frames for ${pieces.length} pieces`);
  }
  assert.is(asked, count);
  const { frames: decoded, loops } = readGif(Buffer.concat(pieces));
  assert.is(loops, 0);
  assert.equal(
    decoded.map(({ rgba }) => rgba),
    Array.from({ length: count }, (_, shift) => greys(shift).rgba),
  );
});

test('frames and delays that make no sense are refused', () => {
  const { width, height, rgba } = greys(0);
  const refuses = (frames: RasterImage[], words: RegExp, options = once): void => {
    assert.throws(
      () => encodeAnimation(frames, options),
      (error: unknown) => error instanceof RangeError && words.test(error.message),
    );
  };
  refuses([], /there are no frames/);
  refuses([greys(0), { width: 8, height: 32, rgba }], /frame 1 is 8×32, but the first is 32×8/);
  refuses([{ width, height, rgba: rgba.subarray(4) }], /frame 0 is 32×8, which takes 1024 bytes of RGBA, and has 1020/);
  refuses([{ width: 0, height: 0, rgba: new Uint8Array(0) }], /frame 0 is 0×0; a GIF's sides are 1 … 65535/);
  refuses([{ width: 70_000, height: 1, rgba: new Uint8Array(280_000) }], /frame 0 is 70000×1/);
  refuses([{ width: 1, height: 1, rgba: new Uint8Array([1, 2, 3, 254]) }], /frame 0 is not opaque/);
  for (const delay of [0, 19, 1e6, NaN]) {
    refuses([greys(0)], /delayMs must be 20 … 655350/, { ...once, delayMs: delay });
    refuses([greys(0)], /lastDelayMs must be 20 … 655350/, { ...once, lastDelayMs: delay });
  }
});

/** A reader for full frames with a palette of their own, written after the GIF89a specification. */
function readGif(bytes: Uint8Array): Gif {
  const u16 = (at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
  assert.is(Buffer.from(bytes.subarray(0, 6)).toString('latin1'), 'GIF89a');
  const [width, height] = [u16(6), u16(8)];
  const frames: { delayMs: number; rgba: Uint8Array }[] = [];
  let loops: number | undefined;
  let delayMs = 0;
  let at = 13 + ((bytes[10]! & 0x80) === 0 ? 0 : 3 * (2 << (bytes[10]! & 7)));
  const blocks = (): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (; bytes[at] !== 0; at += bytes[at]! + 1) parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
    at++;
    return Buffer.concat(parts);
  };
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const label = bytes[at + 1];
      at += 2;
      const content = blocks();
      if (label === 0xf9) delayMs = (content[1]! | (content[2]! << 8)) * 10;
      else if (label === 0xff) loops = content[12]! | (content[13]! << 8);
    } else {
      assert.is(bytes[at], 0x2c, `a block at ${at}`);
      assert.equal([u16(at + 1), u16(at + 3), u16(at + 5), u16(at + 7)], [0, 0, width, height]);
      const colours = 2 << (bytes[at + 9]! & 7);
      const palette = bytes.subarray(at + 10, at + 10 + colours * 3);
      const codeSize = bytes[at + 10 + colours * 3]!;
      at += 11 + colours * 3;
      const indices = unpackLzw(blocks(), codeSize);
      assert.is(indices.length, width * height);
      frames.push({
        delayMs,
        rgba: Uint8Array.from(indices.flatMap((i) => [...palette.subarray(i * 3, i * 3 + 3), 255])),
      });
    }
  }
  assert.is(at, bytes.length - 1, 'nothing after the end');
  return { width, height, loops, frames };
}

function unpackLzw(data: Uint8Array, codeSize: number): number[] {
  const clear = 1 << codeSize;
  const out: number[] = [];
  let table: number[][] = [];
  let size = 0;
  let last: number[] | undefined;
  const reset = (): void => {
    table = Array.from({ length: clear + 2 }, (_, code) => (code < clear ? [code] : []));
    size = codeSize + 1;
    last = undefined;
  };
  reset();
  for (let bit = 0; bit + size <= data.length * 8;) {
    let code = 0;
    for (let i = 0; i < size; i++, bit++) code |= ((data[bit >> 3]! >> (bit & 7)) & 1) << i;
    if (code === clear) {
      reset();
      continue;
    }
    if (code === clear + 1) return out;
    const entry: number[] = table[code] ?? [...last!, last![0]!];
    out.push(...entry);
    if (last !== undefined && table.length < 4096) table.push([...last, entry[0]!]);
    if (table.length === 1 << size && size < 12) size++;
    last = entry;
  }
  return out;
}

test.run();
