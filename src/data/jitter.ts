/**
 * @file Augments images for a classifier by small random shifts and turns.
 */
import type { ImageDataset } from './dataset.js';

/** The largest shift and turn. */
export interface Jitter {
  /** Pixels, in both directions. */
  readonly shift: number;
  /** Degrees, in both directions. */
  readonly turn: number;
}

/**
 * Writes the chosen images one after another, each moved and turned about its middle, scaled to [−1, 1] as
 * `fillImages` does. Values between pixels are interpolated linearly; new pixels are black.
 *
 * @param random uniform in [0, 1); three draws an image
 * @param out [indices, height, width, channels] floats
 */
export function fillJittered(
  dataset: ImageDataset,
  indices: Uint32Array,
  out: Float32Array,
  { shift, turn }: Jitter,
  random: () => number,
): void {
  const between = (limit: number): number => (2 * random() - 1) * limit;
  const size = dataset.height * dataset.width * dataset.channels;
  indices.forEach((index, row) => {
    const move = { x: between(shift), y: between(shift), angle: (between(turn) * Math.PI) / 180 };
    drawMoved(dataset.bytesOf(index), dataset, move, out.subarray(row * size, (row + 1) * size));
  });
}

function drawMoved(
  pixels: Uint8Array,
  { height, width, channels }: Pick<ImageDataset, 'height' | 'width' | 'channels'>,
  move: { readonly x: number; readonly y: number; readonly angle: number },
  out: Float32Array,
): void {
  const [cos, sin] = [Math.cos(move.angle), Math.sin(move.angle)];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const at = (x: number, y: number, channel: number): number => {
    return x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[(y * width + x) * channels + channel]!;
  };
  let written = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      // The source of this pixel: the inverse of the move.
      const [dx, dy] = [column - middleX - move.x, row - middleY - move.y];
      const x = cos * dx + sin * dy + middleX;
      const y = cos * dy - sin * dx + middleY;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, below] = [x - left, y - top];
      for (let channel = 0; channel < channels; channel++) {
        const above = (1 - right) * at(left, top, channel) + right * at(left + 1, top, channel);
        const beneath = (1 - right) * at(left, top + 1, channel) + right * at(left + 1, top + 1, channel);
        out[written++] = ((1 - below) * above + below * beneath) / 127.5 - 1;
      }
    }
  }
}
