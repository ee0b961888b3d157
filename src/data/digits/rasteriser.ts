/**
 * @file Pen paths to pixels, framed as MNIST frames its digits: scaled to a 20 × 20 box keeping their proportions, then put
 * with the centre of their ink at the middle of 28 × 28 (LeCun's description, http://yann.lecun.com/exdb/mnist/).
 */
import { PEN_STRIDE, type PenPath } from './distortion.js';

/** Pixels a side. */
export const DIGIT_SIDE = 28;

const BOX_SIDE = 20;
const PIXELS = DIGIT_SIDE * DIGIT_SIDE;

export interface Pen {
  /** Half the width of a stroke, in pixels. */
  readonly radius: number;
  /** Pixels over which the edge of a stroke goes from ink to paper. */
  readonly softness: number;
}

/** Where a path point (x, y) lands: `(x · scale + left, y · scale + top)`, in pixels. */
interface Frame {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** Draws into buffers of its own, so that an image costs no allocation. */
export class Rasteriser {
  /** How deep each pixel's centre lies under the ink's edge, in pixels; negative outside. */
  readonly #depth = new Float32Array(PIXELS);

  /**
   * Draws strokes in white on black.
   *
   * @param paths one a stroke, in any units
   * @param out receives 28 × 28 bytes from `offset` on
   */
  draw(paths: readonly PenPath[], pen: Pen, out: Uint8Array, offset: number): void {
    this.#depth.fill(-DIGIT_SIDE);
    const frame = frameOf(paths, pen);
    for (const path of paths) {
      for (let i = PEN_STRIDE; i < path.length; i += PEN_STRIDE) this.#segment(path, i, frame, pen);
    }
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const linear = this.#depth[pixel]! / pen.softness + 0.5;
      const t = Math.min(1, Math.max(0, linear));
      // Smoothstep: the profile of an edge seen through a scanner's round aperture, near enough.
      out[offset + pixel] = Math.round(255 * t * t * (3 - 2 * t));
    }
  }

  /** A capsule whose radius goes from one end's pressure to the other's: for each pixel near it, the distance to its axis. */
  #segment(path: PenPath, to: number, frame: Frame, pen: Pen): void {
    const from = to - PEN_STRIDE;
    const x0 = path[from]! * frame.scale + frame.left;
    const y0 = path[from + 1]! * frame.scale + frame.top;
    const r0 = path[from + 2]! * pen.radius;
    const dx = path[to]! * frame.scale + frame.left - x0;
    const dy = path[to + 1]! * frame.scale + frame.top - y0;
    const dr = path[to + 2]! * pen.radius - r0;

    const reach = Math.max(r0, r0 + dr) + pen.softness / 2;
    const firstColumn = Math.max(0, Math.floor(x0 + Math.min(0, dx) - reach));
    const lastColumn = Math.min(DIGIT_SIDE - 1, Math.floor(x0 + Math.max(0, dx) + reach));
    const firstRow = Math.max(0, Math.floor(y0 + Math.min(0, dy) - reach));
    const lastRow = Math.min(DIGIT_SIDE - 1, Math.floor(y0 + Math.max(0, dy) + reach));
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

/** The ink's centre is that of its strokes, each piece counted by its length: overlaps count twice, which is not seen. */
function frameOf(paths: readonly PenPath[], pen: Pen): Frame {
  let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
  let [mass, massX, massY] = [0, 0, 0];
  for (const path of paths) {
    let [lastX, lastY] = [path[0]!, path[1]!];
    for (let i = 0; i < path.length; i += PEN_STRIDE) {
      const x = path[i]!;
      const y = path[i + 1]!;
      minX = Math.min(minX, x);
      maxX = Math.max(maxX, x);
      minY = Math.min(minY, y);
      maxY = Math.max(maxY, y);
      const length = Math.sqrt((x - lastX) * (x - lastX) + (y - lastY) * (y - lastY));
      mass += length;
      massX += (length * (x + lastX)) / 2;
      massY += (length * (y + lastY)) / 2;
      [lastX, lastY] = [x, y];
    }
  }
  const margin = pen.radius;
  const scale = (BOX_SIDE - 2 * margin) / Math.max(maxX - minX, maxY - minY, 1e-9);
  return {
    scale,
    left: place(minX * scale - margin, maxX * scale + margin, (massX / mass) * scale),
    top: place(minY * scale - margin, maxY * scale + margin, (massY / mass) * scale),
  };
}

/** The shift that brings `centre` to the image's middle, or as near to it as keeps a pixel of paper round the ink. */
function place(low: number, high: number, centre: number): number {
  return Math.min(DIGIT_SIDE - 1 - high, Math.max(1 - low, DIGIT_SIDE / 2 - centre));
}
