/**
 * @file Parses the notation of pen paths in skeletons.ts.
 *
 * A path is a list of points in percent of the digit's box (x to the right, y down). The pen passes through them in a
 * smooth curve (Catmull–Rom), and turns sharply at a point marked `!`. Strokes are separated by `|`. Strokes that meet on
 * paper only nearly meet here, because each is distorted separately.
 */

/** A point that the pen passes through, in units of the digit's box: [0, 1]². */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  /** Whether the pen turns sharply here. */
  readonly sharp: boolean;
}

/** One path per stroke. */
export type Strokes = readonly (readonly PenPoint[])[];

/** One way to write a digit. */
export interface Skeleton {
  /** Relative frequency of this way of writing, estimated by eye. */
  readonly weight: number;
  /** All have the same strokes with the same numbers of points, sharp at the same places. */
  readonly corners: readonly Strokes[];
  /** Factor on the distortion: below 1 for a shape that would soon become another digit. */
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
