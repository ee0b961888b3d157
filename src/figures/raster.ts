/**
 * @file Pictures cut, shrunk, and laid side by side or one above the other.
 */
import type { RasterImage } from './png.js';

/** Bytes of a pixel. */
const PIXEL = 4;

/**
 * The upper left corner of a picture.
 *
 * @throws RangeError where the picture is smaller
 */
export function crop(image: RasterImage, width: number, height: number): RasterImage {
  if (width > image.width || height > image.height) {
    throw new RangeError(`crop: ${image.width}×${image.height} pixels hold no ${width}×${height}.`);
  }
  return resampled(image, width, height, 1);
}

/** Keeps one pixel of each `factor` × `factor`, the upper left: exact where pixels were drawn that large. */
export function shrink(image: RasterImage, factor: number): RasterImage {
  return resampled(image, Math.ceil(image.width / factor), Math.ceil(image.height / factor), factor);
}

function resampled(image: RasterImage, width: number, height: number, step: number): RasterImage {
  const pixels = new Uint32Array(image.rgba.slice().buffer);
  const chosen = Uint32Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [step * (index % width), step * Math.floor(index / width)];
    return pixels[y * image.width + x]!;
  });
  return { width, height, rgba: new Uint8Array(chosen.buffer) };
}

/**
 * Lays pictures in a row, their upper edges level, on white.
 *
 * @param gap pixels between them
 * @throws RangeError without pictures
 */
export function beside(images: readonly RasterImage[], gap: number): RasterImage {
  if (images.length === 0) throw new RangeError('beside: there are no pictures.');
  const height = Math.max(...images.map((image) => image.height));
  const page = blank(
    images.reduce((sum, image) => sum + image.width + gap, -gap),
    height,
  );
  let left = 0;
  for (const image of images) {
    put(page, image, left, 0);
    left += image.width + gap;
  }
  return page;
}

/**
 * Lays pictures one above the other, their left edges level, on white.
 *
 * @param gap pixels between them
 * @throws RangeError without pictures
 */
export function above(images: readonly RasterImage[], gap: number): RasterImage {
  if (images.length === 0) throw new RangeError('above: there are no pictures.');
  const width = Math.max(...images.map((image) => image.width));
  const page = blank(
    width,
    images.reduce((sum, image) => sum + image.height + gap, -gap),
  );
  let top = 0;
  for (const image of images) {
    put(page, image, 0, top);
    top += image.height + gap;
  }
  return page;
}

/** White. */
function blank(width: number, height: number): RasterImage {
  return { width, height, rgba: new Uint8Array(width * height * PIXEL).fill(255) };
}

/** Copies a picture into another, in place. */
function put(page: RasterImage, image: RasterImage, left: number, top: number): void {
  const row = image.width * PIXEL;
  for (let y = 0; y < image.height; y++) {
    page.rgba.set(image.rgba.subarray(y * row, (y + 1) * row), ((top + y) * page.width + left) * PIXEL);
  }
}
