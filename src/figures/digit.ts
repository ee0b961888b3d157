/**
 * @file Converts a picture of one digit into a classifier's input: 28 × 28, light ink on dark.
 */
import type { RasterImage } from './png.js';

/** A classifier's input, and how the picture was changed. */
export interface Digit {
  /** [28, 28], −1 black … 1 white. */
  readonly values: Float32Array;
  /** Whether dark and light were swapped. */
  readonly inverted: boolean;
  /** Whether the picture was resized. */
  readonly resized: boolean;
  /** Whether there is anything to see: false for a picture of one colour, or transparent throughout. */
  readonly hasInk: boolean;
}

const SIDE = 28;

/** Minimum and maximum side of a picture in pixels. */
const LEAST_SIDE = 8;
const MOST_SIDE = 4096;

/** Luma by Rec. 709. */
const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];

/** Of 255: ink differs from the background by so much somewhere, more than the noise of a scanner or of JPEG. */
const LEAST_CONTRAST = 32;

/** The same after scaling: a speck in a large picture is no ink, a thin line is. */
const LEAST_SCALED_CONTRAST = 4;

/** Of 255: what is darker, or lighter, is black or white ink or paper. */
const [DARK, LIGHT] = [85, 170];

/** Share of a picture from which on dark or light pixels count as a part of it. */
const LEAST_SHARE = 0.01;

/** Half of the scales of colours and of opacity. */
const MIDDLE = 127.5;

/**
 * Makes a picture grey, on the background that gives contrast where it is transparent; swaps dark and light where that is wanted; and scales it to 28
 * on its longer side, by the mean over the area of each new pixel, in the middle of its background, where it is of
 * another size.
 *
 * @param invert whether to swap dark and light; if absent, a picture is swapped whose border is mostly lighter than
 *   middle grey, since ink is light on dark in MNIST
 * @throws RangeError for a picture with a side below 8 or above 4096
 */
export function toDigit({ width, height, rgba }: RasterImage, invert?: boolean): Digit {
  if (Math.min(width, height) < LEAST_SIDE || Math.max(width, height) > MOST_SIDE) {
    throw new RangeError(`toDigit: got ${width} × ${height} pixels; it takes sides from ${LEAST_SIDE} to ${MOST_SIDE}`);
  }
  const luma = Float32Array.from({ length: width * height }, (_, pixel) => {
    const at = 4 * pixel;
    return RED * rgba[at]! + GREEN * rgba[at + 1]! + BLUE * rgba[at + 2]!;
  });
  const alpha = Uint8Array.from(luma, (_, pixel) => rgba[4 * pixel + 3]!);
  const behind = backgroundBehind(luma, alpha, width);
  const grey = luma.map((value, pixel) => (value * alpha[pixel]! + behind * (255 - alpha[pixel]!)) / 255);
  const border = borderOf(grey, width, height);
  const inverted = invert ?? border > MIDDLE;
  const ink = inverted ? grey.map((value) => 255 - value) : grey;
  const resized = width !== SIDE || height !== SIDE;
  const background = inverted ? 255 - border : border;
  const bytes = resized ? fitted(ink, width, height, background) : ink;
  const differsBy = (least: number) => (value: number) => Math.abs(value - background) >= least;
  const hasInk = ink.some(differsBy(LEAST_CONTRAST)) && bytes.some(differsBy(LEAST_SCALED_CONTRAST));
  return { values: bytes.map((value) => value / 127.5 - 1), inverted, resized, hasInk };
}

/**
 * The grey to see a picture on where it is transparent, 0 or 255. What is drawn in one shade gets the other: black ink
 * white, white ink black. What is dark and light by itself, such as a sheet with ink on it or letters with an outline, is
 * continued beyond its edge.
 */
function backgroundBehind(luma: Float32Array, alpha: Uint8Array, width: number): number {
  if (alpha.every((share) => share === 255)) return 255;
  let [mass, sum, dark, light, edge, edges] = [0, 0, 0, 0, 0, 0];
  luma.forEach((value, pixel) => {
    const share = alpha[pixel]!;
    mass += share;
    sum += share * value;
    if (value < DARK) dark += share;
    if (value > LIGHT) light += share;
    if (share < MIDDLE) return;
    const column = pixel % width;
    const beside = [column > 0 ? -1 : 0, column < width - 1 ? 1 : 0, -width, width];
    if (beside.every((step) => (alpha[pixel + step] ?? 255) >= MIDDLE)) return;
    edge += value;
    edges++;
  });
  const isBoth = Math.min(dark, light) >= LEAST_SHARE * mass && edges > 0;
  if (isBoth) return edge / edges > MIDDLE ? 255 : 0;
  return mass > 0 && sum / mass > MIDDLE ? 0 : 255;
}

/** The median along the border: where ink runs over it, the background rules all the same. */
function borderOf(grey: Float32Array, width: number, height: number): number {
  const border = grey
    .filter((_, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      return x === 0 || y === 0 || x === width - 1 || y === height - 1;
    })
    .sort();
  return border[Math.floor(border.length / 2)]!;
}

/** [28, 28], with `background` beside the shorter side. */
function fitted(grey: Float32Array, width: number, height: number, background: number): Float32Array {
  const scale = SIDE / Math.max(width, height);
  const columns = weightsOf(width, scale);
  const rows = weightsOf(height, scale);
  return Float32Array.from({ length: SIDE * SIDE }, (_, place) => {
    const across = columns[place % SIDE] ?? [];
    const down = rows[Math.floor(place / SIDE)] ?? [];
    let sum = 0;
    let share = 0;
    for (const [y, high] of down) {
      for (const [x, wide] of across) {
        sum += high * wide * grey[y * width + x]!;
        share += high * wide;
      }
    }
    return sum + (1 - share) * background;
  });
}

/** For each of the 28 new pixels along a side: old pixels, and what share of the new one each covers. */
function weightsOf(length: number, scale: number): (readonly [number, number])[][] {
  const margin = (SIDE - length * scale) / 2;
  return Array.from({ length: SIDE }, (_, pixel) => {
    const [from, to] = [(pixel - margin) / scale, (pixel + 1 - margin) / scale];
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(length, Math.ceil(to));
    return Array.from({ length: Math.max(0, last - first) }, (_, index) => {
      const at = first + index;
      return [at, (Math.min(to, at + 1) - Math.max(from, at)) * scale] as const;
    });
  });
}
