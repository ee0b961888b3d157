/**
 * @file Pictures to look at: a grid of generated images, as PNG.
 */
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
  const { width, height, rgba } = image;
  if (width < 1 || height < 1 || rgba.length !== width * height * 4) {
    throw new RangeError(
      `encodePng: ${width}×${height} takes ${width * height * 4} bytes of RGBA, got ${rgba.length}.`,
    );
  }
  const png = new PNG({ width, height });
  png.data.set(rgba);
  return PNG.sync.write(png, { colorType: isOpaqueGrey(rgba) ? 0 : 6 });
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
