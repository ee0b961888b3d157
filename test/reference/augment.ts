/**
 * @file Images moved and cut at places that are given, pixel by pixel, and the adjoint by its definition.
 */
import type { AugmentOptions } from '../../src/kernels/options.js';
import { type Array64, array64, shapeError } from './tensor.js';

/** The whole numbers that four draws on [0, 1) of an image stand for. */
function placesOf(draws: Array64, image: number, [h, w]: readonly [number, number], options: AugmentOptions) {
  const { shift = [0, 0], hole = [0, 0] } = options;
  const place = (at: number, places: number): number => Math.floor(draws.data[image * 4 + at]! * places);
  const centres = [h, w].map((length, axis) => place(2 + axis, length + (hole[axis]! % 2 === 0 ? 1 : 0)));
  return {
    down: place(0, 2 * shift[0] + 1) - shift[0],
    right: place(1, 2 * shift[1] + 1) - shift[1],
    top: centres[0]! - Math.floor(hole[0] / 2),
    left: centres[1]! - Math.floor(hole[1] / 2),
    rows: hole[0],
    columns: hole[1],
  };
}

/** For each value of y the place in x that it comes from; undefined where it is the fill. */
function sources(x: Array64, draws: Array64, options: AugmentOptions): (number | undefined)[] {
  const [n, h, w, c] = x.shape;
  if (n === undefined || h === undefined || w === undefined || c === undefined || draws.data.length !== 4 * n) {
    throw shapeError('augment', { x, draws }, 'x [N, H, W, C] and draws [N, 4]');
  }
  const found: (number | undefined)[] = [];
  for (let image = 0; image < n; image++) {
    const { down, right, top, left, rows, columns } = placesOf(draws, image, [h, w], options);
    for (let i = 0; i < h; i++)
      for (let j = 0; j < w; j++)
        for (let channel = 0; channel < c; channel++) {
          const inHole = i >= top && i < top + rows && j >= left && j < left + columns;
          const [from, at] = [i - down, j - right];
          const outside = from < 0 || from >= h || at < 0 || at >= w;
          found.push(inHole || outside ? undefined : ((image * h + from) * w + at) * c + channel);
        }
  }
  return found;
}

export function augment(x: Array64, draws: Array64, options: AugmentOptions): Array64 {
  const values = sources(x, draws, options).map((from) => (from === undefined ? (options.fill ?? 0) : x.data[from]!));
  return array64(x.shape, values);
}

/** Σ of dy over the places that each value of x went to. */
export function augmentGradient(dy: Array64, draws: Array64, options: AugmentOptions): Array64 {
  const dx = array64(dy.shape);
  sources(dy, draws, options).forEach((from, at) => {
    if (from !== undefined) dx.data[from]! += dy.data[at]!;
  });
  return dx;
}
