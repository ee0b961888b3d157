/**
 * @file Pictures to look at: a grid of generated images, as PNG.
 */
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate } from 'node:zlib';
import { PNG } from 'pngjs';
import { essentialPng } from './pngChunks.js';

/** Opaque or not, 8 bits a component. */
export interface RasterImage {
  readonly width: number;
  readonly height: number;
  /** `height · width · 4` bytes: red, green, blue, alpha. */
  readonly rgba: Uint8Array;
}

export interface GridOptions {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  /** Images a row; by default the grid is as square as it can be. */
  readonly columns?: number;
  /** Pixels of grey between images, after scaling; 2 by default. */
  readonly gap?: number;
  /** Every pixel is drawn as `scale × scale`; 1 by default. */
  readonly scale?: number;
}

/** NaN and ±∞ are drawn in this colour: no other pixel of a grey picture can be mistaken for it. */
const NON_FINITE: readonly [number, number, number] = [255, 0, 255];
const GAP_GREY = 96;

/**
 * Lays images out in rows.
 *
 * @param images `count · height · width · channels` floats, NHWC, −1 black … 1 white; values outside are clamped, and a
 *   pixel with a component that is not finite comes out magenta
 * @throws RangeError where a size is not a positive integer, channels is neither 1 nor 3, or `images` is too short
 */
export function imageGrid(images: Float32Array, options: GridOptions): RasterImage {
  const { count, height, width, channels } = options;
  const { columns = Math.ceil(Math.sqrt(count)), gap = 2, scale = 1 } = options;
  for (const [what, value] of Object.entries({ count, height, width, columns, scale })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`imageGrid: ${what} must be a positive integer, got ${value}.`);
    }
  }
  if (!Number.isInteger(gap) || gap < 0) throw new RangeError(`imageGrid: gap must be an integer ≥ 0, got ${gap}.`);
  if (channels !== 1 && channels !== 3) throw new RangeError(`imageGrid: channels must be 1 or 3, got ${channels}.`);
  const needed = count * height * width * channels;
  if (images.length < needed) {
    const shape = `${count}×${height}×${width}×${channels}`;
    throw new RangeError(`imageGrid: ${shape} takes ${needed} floats, got ${images.length}.`);
  }

  const rows = Math.ceil(count / columns);
  const gridWidth = columns * (width * scale + gap) - gap;
  const gridHeight = rows * (height * scale + gap) - gap;
  const rgba = new Uint8Array(gridWidth * gridHeight * 4).fill(GAP_GREY);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;

  const rowBytes = gridWidth * 4;
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * (width * scale + gap);
    const top = Math.floor(image / columns) * (height * scale + gap);
    for (let y = 0; y < height; y++) {
      const source = (image * height + y) * width * channels;
      const start = ((top + y * scale) * gridWidth + left) * 4;
      paintRow(images, source, channels, rgba, start, width, scale);
      for (let copy = 1; copy < scale; copy++) {
        rgba.copyWithin(start + copy * rowBytes, start, start + width * scale * 4);
      }
    }
  }
  return { width: gridWidth, height: gridHeight, rgba };
}

/** Paints `width · scale` pixels to the right from the byte `target`; their alpha is there already. */
function paintRow(
  images: Float32Array,
  source: number,
  channels: 1 | 3,
  rgba: Uint8Array,
  target: number,
  width: number,
  scale: number,
): void {
  for (let x = 0; x < width; x++) {
    const at = source + x * channels;
    let red = toByte(images[at]!);
    let green = channels === 3 ? toByte(images[at + 1]!) : red;
    let blue = channels === 3 ? toByte(images[at + 2]!) : red;
    if (Number.isNaN(red + green + blue)) [red, green, blue] = NON_FINITE;
    for (let copy = 0; copy < scale; copy++) {
      const pixel = target + (x * scale + copy) * 4;
      rgba[pixel] = red;
      rgba[pixel + 1] = green;
      rgba[pixel + 2] = blue;
    }
  }
}

/** NaN for a value that is not finite. */
function toByte(value: number): number {
  return Number.isFinite(value) ? Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))) : NaN;
}

/**
 * Encodes a picture; one that is grey and opaque throughout becomes an 8-bit grey PNG, a third of the size.
 *
 * @throws RangeError where `rgba` does not have `width · height · 4` bytes
 */
export function encodePng(image: RasterImage): Uint8Array {
  checkBytes('encodePng', image);
  const { width, height, rgba } = image;
  const png = new PNG({ width, height });
  png.data.set(rgba);
  return PNG.sync.write(png, { colorType: isOpaqueGrey(rgba) ? 0 : 6 });
}

/** Pixels that are encoded between two calls of the progress callback. */
const STRIP_PIXELS = 2 ** 18;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** PNG's filter that stores the difference from the row above: scaled pixels become zeros. */
const FILTER_UP = 2;

/**
 * The same for a large picture, strip by strip: other work of the process goes on meanwhile. Each row is stored as its
 * difference from the one above, so the bytes differ from those of {@link encodePng}, and the picture does not.
 *
 * @param progress is called with rows
 * @throws RangeError as {@link encodePng}
 */
export async function encodeLargePng(
  image: RasterImage,
  progress?: (done: number, total: number) => void,
): Promise<Uint8Array> {
  checkBytes('encodeLargePng', image);
  const { width, height, rgba } = image;
  const isGrey = isOpaqueGrey(rgba);
  const size = isGrey ? 1 : 4;
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / width));
  const strip = (first: number): Buffer => {
    const count = Math.min(rows, height - first);
    const bytes = Buffer.alloc(count * (1 + width * size));
    let to = 0;
    for (let y = first; y < first + count; y++) {
      bytes[to++] = FILTER_UP;
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        for (let i = 0; i < size; i++) bytes[to++] = rgba[at + i]! - (y === 0 ? 0 : rgba[at + i - 4 * width]!);
      }
    }
    return bytes;
  };
  function* strips(): Generator<Buffer> {
    for (let first = 0; first < height; first += rows) {
      progress?.(first, height);
      yield strip(first);
    }
  }
  const parts: Buffer[] = [];
  await pipeline(strips, createDeflate(), async (packed: AsyncIterable<Buffer>) => {
    for await (const part of packed) parts.push(part);
  });
  progress?.(height, height);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a component; grey or RGBA.
  header.set([8, isGrey ? 0 : 6], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...parts.map((part) => chunk('IDAT', part)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG chunk: length, type, data, and the CRC of the last two. */
function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.from(`0000${type}`, 'latin1');
  head.writeUInt32BE(data.length, 0);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0);
  return Buffer.concat([head, data, end]);
}

/** @throws RangeError that names the function */
function checkBytes(op: string, { width, height, rgba }: RasterImage): void {
  if (width >= 1 && height >= 1 && rgba.length === width * height * 4) return;
  throw new RangeError(`${op}: ${width}×${height} takes ${width * height * 4} bytes of RGBA, got ${rgba.length}.`);
}

/**
 * Decodes any PNG to 8-bit RGBA. What is not needed for that, and what comes after its end, does not matter.
 *
 * @throws Error for bytes that are not a complete PNG, whose data do not fill its size, or of more than 2²⁴ pixels; no
 *   more is allocated than such a picture takes
 */
export function decodePng(bytes: Uint8Array): RasterImage {
  let png;
  try {
    png = PNG.sync.read(essentialPng(bytes));
  } catch (cause) {
    throw new Error(`decodePng: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
  return { width: png.width, height: png.height, rgba: Uint8Array.from(png.data) };
}

function isOpaqueGrey(rgba: Uint8Array): boolean {
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] !== rgba[i + 1] || rgba[i] !== rgba[i + 2] || rgba[i + 3] !== 255) return false;
  }
  return true;
}
