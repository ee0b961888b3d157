/**
 * @file Draws pen paths as pixels, framed like MNIST's digits (LeCun's description, http://yann.lecun.com/exdb/mnist/):
 * the ink fills a box of 20 pixels in its longer direction, and the box lies in 28 × 28, moved by whole pixels, so that the
 * ink's centre of mass falls on the pixel in row and column 14.
 *
 * The shift matters: a classifier is sensitive to half a pixel.
 */
import { PEN_STRIDE, type PenPath } from './distortion.js';

/** Side in pixels. */
export const DIGIT_SIDE = 28;

const BOX_SIDE = 20;
const BOX_START = (DIGIT_SIDE - BOX_SIDE) / 2;
const BOX_END = BOX_START + BOX_SIDE;
const PIXELS = DIGIT_SIDE * DIGIT_SIDE;

/** Row and column of the pixel with the ink's centre of mass. */
const CENTRE = 14;

export interface Pen {
  /** Half the width of a stroke, in pixels. */
  readonly radius: number;
  /** Width of a stroke's edge, from ink to paper, in pixels. */
  readonly softness: number;
}

/** Maps a path point (x, y) to `(x · scale + left, y · scale + top)`, in pixels. */
interface Frame {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Pixels that the ink takes. */
  readonly width: number;
  readonly height: number;
}

/** Draws into its own buffers, so that an image needs no allocation. */
export class Rasteriser {
  /** Depth of each pixel's centre inside the ink, in pixels; negative outside. */
  readonly #depth = new Float32Array(PIXELS);
  readonly #ink = new Uint8Array(PIXELS);

  /**
   * Draws strokes in white on black.
   *
   * @param paths one per stroke, in any units
   * @param out receives 28 × 28 bytes from `offset`
   */
  draw(paths: readonly PenPath[], pen: Pen, out: Uint8Array, offset: number): void {
    this.#depth.fill(-DIGIT_SIDE);
    const frame = frameOf(paths, pen);
    for (const path of paths) {
      for (let i = PEN_STRIDE; i < path.length; i += PEN_STRIDE) this.#segment(path, i, frame, pen);
    }
    const centre = this.#develop(pen.softness);
    const right = shift(centre.column, frame.width);
    const down = shift(centre.row, frame.height);
    for (let row = 0; row < DIGIT_SIDE; row++) {
      for (let column = 0; column < DIGIT_SIDE; column++) {
        const [y, x] = [row - down, column - right];
        const inside = y >= 0 && y < DIGIT_SIDE && x >= 0 && x < DIGIT_SIDE;
        out[offset + row * DIGIT_SIDE + column] = inside ? this.#ink[y * DIGIT_SIDE + x]! : 0;
      }
    }
  }

  /** Converts depths to ink. @returns the ink's centre of mass */
  #develop(softness: number): { readonly row: number; readonly column: number } {
    const ink = this.#ink;
    let [mass, massY, massX] = [0, 0, 0];
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const linear = this.#depth[pixel]! / softness + 0.5;
      const t = Math.min(1, Math.max(0, linear));
      // Smoothstep approximates the profile of an edge behind a scanner's round aperture.
      const value = Math.round(255 * t * t * (3 - 2 * t));
      ink[pixel] = value;
      const column = pixel % DIGIT_SIDE;
      mass += value;
      massX += value * column;
      massY += (value * (pixel - column)) / DIGIT_SIDE;
    }
    return { row: massY / mass, column: massX / mass };
  }

  /** Draws a capsule: its radius changes from one end's pressure to the other's, and pixels near it get their depth in it. */
  #segment(path: PenPath, to: number, frame: Frame, pen: Pen): void {
    const from = to - PEN_STRIDE;
    const x0 = path[from]! * frame.scale + frame.left;
    const y0 = path[from + 1]! * frame.scale + frame.top;
    const r0 = path[from + 2]! * pen.radius;
    const dx = path[to]! * frame.scale + frame.left - x0;
    const dy = path[to + 1]! * frame.scale + frame.top - y0;
    const dr = path[to + 2]! * pen.radius - r0;

    const reach = Math.max(r0, r0 + dr) + pen.softness / 2;
    const firstColumn = Math.max(BOX_START, Math.floor(x0 + Math.min(0, dx) - reach));
    const lastColumn = Math.min(BOX_END - 1, Math.floor(x0 + Math.max(0, dx) + reach));
    const firstRow = Math.max(BOX_START, Math.floor(y0 + Math.min(0, dy) - reach));
    const lastRow = Math.min(BOX_END - 1, Math.floor(y0 + Math.max(0, dy) + reach));
    const inverseSquare = 1 / Math.max(dx * dx + dy * dy, 1e-9);

    const depth = this.#depth;
    for (let row = firstRow; row <= lastRow; row++) {
      const py = row + 0.5 - y0;
      for (let column = firstColumn; column <= lastColumn; column++) {
        const px = column + 0.5 - x0;
        const t = Math.min(1, Math.max(0, (px * dx + py * dy) * inverseSquare));
        const ex = px - t * dx;
        const ey = py - t * dy;
        const here = r0 + t * dr - Math.sqrt(ex * ex + ey * ey);
        const pixel = row * DIGIT_SIDE + column;
        if (here > depth[pixel]!) depth[pixel] = here;
      }
    }
  }
}

/** The frame that places the ink in the box's upper left corner, 20 pixels wide or high. */
function frameOf(paths: readonly PenPath[], pen: Pen): Frame {
  const bare = boundsOf(paths, 1, 0);
  const length = Math.max(bare.right - bare.left, bare.bottom - bare.top, 1e-9);
  // The pen's width varies by point and does not grow with the scale: one step of Newton's method is accurate enough.
  const first = (BOX_SIDE - 2 * pen.radius) / length;
  const rough = boundsOf(paths, first, pen.radius);
  const scale = first + (BOX_SIDE - Math.max(rough.right - rough.left, rough.bottom - rough.top)) / length;
  const { left, right, top, bottom } = boundsOf(paths, scale, pen.radius);
  return { scale, left: BOX_START - left, top: BOX_START - top, width: right - left, height: bottom - top };
}

/** The shift in whole pixels that centres the ink, limited so that all ink stays in the image. */
function shift(centre: number, length: number): number {
  const end = Math.min(BOX_END, Math.ceil(BOX_START + length));
  return Math.min(DIGIT_SIDE - end, Math.max(-BOX_START, Math.round(CENTRE - centre)));
}

interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The bounds of the ink, in pixels. */
function boundsOf(paths: readonly PenPath[], scale: number, radius: number): Bounds {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const path of paths) {
    for (let i = 0; i < path.length; i += PEN_STRIDE) {
      const x = path[i]! * scale;
      const y = path[i + 1]! * scale;
      const reach = path[i + 2]! * radius;
      left = Math.min(left, x - reach);
      right = Math.max(right, x + reach);
      top = Math.min(top, y - reach);
      bottom = Math.max(bottom, y + reach);
    }
  }
  return { left, right, top, bottom };
}
