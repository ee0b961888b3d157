/**
 * @file How pen paths are written down in skeletons.ts, and what becomes of them.
 *
 * A path is a list of points in percent of the digit's box (x to the right, y down) that the pen passes through in a
 * smooth curve (Catmull–Rom); it turns sharply at a point marked `!`. Strokes are separated by `|`; where two strokes meet
 * on paper they only nearly meet here too, since each is disturbed on its own.
 */

/** A point the pen passes through; units of the digit's box, [0, 1]². */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  /** The pen turns here rather than rounding the point. */
  readonly sharp: boolean;
}

/** One path a stroke. */
export type Strokes = readonly (readonly PenPoint[])[];

/** One way to write a digit. */
export interface Skeleton {
  /** How often people write the digit this way, by eye. */
  readonly weight: number;
  /** Have the same strokes of the same points, sharp at the same places. */
  readonly corners: readonly Strokes[];
  /** How much of the usual distortion it takes: 1, or less where it would soon be another digit. */
  readonly give: number;
}

/** @param corners in the notation above: `'18 14, 44 2!, 72 12 | 30 54, 80 47'` */
export function way(weight: number, corners: readonly string[], give = 1): Skeleton {
  return { weight, give, corners: corners.map((corner) => corner.split(' | ').map(parsePath)) };
}

function parsePath(path: string): PenPoint[] {
  return path.split(', ').map((point) => {
    const [x = '', y = ''] = point.split(' ');
    return { x: Number(x) / 100, y: Number.parseInt(y, 10) / 100, sharp: y.endsWith('!') };
  });
}
