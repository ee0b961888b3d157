/**
 * @file Distorts a skeleton into one person's pen path: a shape between the skeleton's corners, an unsteady hand, a habitual
 * slant and proportion, and a smooth warp.
 *
 * The warp is a free-form deformation (Sederberg & Parry 1986): a 4 × 4 lattice of random displacements, blended by cubic
 * Bernstein polynomials. It replaces the blurred random fields that Simard, Steinkraus & Platt (2003) use for MNIST, and is
 * evaluated at the few dozen points of a path instead of at every pixel.
 */
import type { PenPoint, Skeleton, Strokes } from './notation.js';
import type { Random } from './random.js';

/** A flattened stroke: `x, y, pressure` for each point; at pressure 1 the stroke has the pen's width. */
export type PenPath = Float64Array;

/** Numbers per point of a `PenPath`. */
export const PEN_STRIDE = 3;

const STEPS_PER_SPAN = 5;

/** Largest extrapolation beyond a corner, as a fraction of the distance to the other corner. */
const BEYOND = 0.25;

/** Range of the hand's unsteadiness: a factor on all distortion except the habits. */
const UNREST = [0.5, 1.3] as const;

/* Spreads are standard deviations; lengths are parts of the digit's height. Set by eye and by the statistics of MNIST. */
const HAND_JITTER = 0.02;
const END_JITTER = 0.04;
const WANDER = 0.07;
const ELASTIC = 0.14;
const SLANT_MEAN = 0.15;
const SLANT = 0.24;
const TURN = 0.12;
const ASPECT = 0.19;
const NARROWING = 0.94;
const TAPER = 0.12;
const WAIST = 0.05;
const PRESSURE_DRIFT = 0.1;
const PRESSURE_TREMOR = 0.07;

/**
 * Draws one variation of a skeleton.
 *
 * @returns one path per stroke, centred on the origin, about 1 high; not yet scaled to pixels
 */
export function distort(skeleton: Skeleton, random: Random): PenPath[] {
  const unrest = skeleton.give * random.between(...UNREST);
  const strokes = between(skeleton.corners, random);
  const paths = strokes.map((stroke) => flatten(unsteady(stroke, unrest, random), random));

  const lattice = Float64Array.from({ length: 32 }, () => unrest * ELASTIC * random.normal());
  const taper = TAPER * random.normal();
  const waist = WAIST * random.normal();
  const slant = SLANT_MEAN + SLANT * random.normal();
  const turn = TURN * random.normal();
  const aspect = NARROWING * (1 + ASPECT * random.normal());
  // Second-order Taylor terms: at the largest `turn`, 0.42 rad, the error is an invisible 0.012.
  const cos = 1 - (turn * turn) / 2;
  const sin = turn;
  for (const path of paths) {
    for (let i = 0; i < path.length; i += PEN_STRIDE) {
      const x0 = path[i]!;
      const y0 = path[i + 1]!;
      const v = Math.min(1, Math.max(0, y0));
      // The taper widens the lower half and narrows the upper one, or vice versa; the waist moves the middle.
      const x1 = (x0 + blend(lattice, 0, x0, y0) - 0.5) * aspect * (1 + taper * (2 * v - 1));
      const y1 = y0 + blend(lattice, 16, x0, y0) - 0.5 + waist * 4 * v * (1 - v);
      const x2 = x1 - slant * y1;
      path[i] = cos * x2 - sin * y1;
      path[i + 1] = sin * x2 + cos * y1;
    }
  }
  return paths;
}

/** Interpolates between two of the corners. */
function between(corners: readonly Strokes[], random: Random): Strokes {
  const from = corners[random.below(corners.length)] ?? [];
  const to = corners[random.below(corners.length)] ?? [];
  const t = random.between(-BEYOND, 1 + BEYOND);
  return from.map((stroke, at) => {
    return stroke.map((point, index) => {
      const other = to[at]?.[index] ?? point;
      return { x: point.x + t * (other.x - point.x), y: point.y + t * (other.y - point.y), sharp: point.sharp };
    });
  });
}

/** Adds a slow drift along a stroke, which leaves loops open and moves crossings, and jitters each point. */
function unsteady(stroke: readonly PenPoint[], unrest: number, random: Random): PenPoint[] {
  const wander = Float64Array.from({ length: 8 }, () => unrest * WANDER * random.normal());
  const last = stroke.length - 1;
  return stroke.map(({ x, y, sharp }, index) => {
    const jitter = unrest * (index === 0 || index === last ? END_JITTER : HAND_JITTER);
    return {
      x: x + bernstein(wander, 0, index / last) + jitter * random.normal(),
      y: y + bernstein(wander, 4, index / last) + jitter * random.normal(),
      sharp,
    };
  });
}

/**
 * Draws the uniform Catmull–Rom spline through the points (Catmull & Rom 1974) in short straight segments; at a sharp point
 * the curve ends and another begins. Pressure drifts along the stroke and varies from segment to segment.
 */
function flatten(points: readonly PenPoint[], random: Random): PenPath {
  const spans = points.length - 1;
  const path = new Float64Array((spans * STEPS_PER_SPAN + 1) * PEN_STRIDE);
  const startPressure = 1 + PRESSURE_DRIFT * random.normal();
  const endPressure = 1 + PRESSURE_DRIFT * random.normal();
  let at = 0;
  for (let span = 0; span < spans; span++) {
    const p1 = points[span];
    const p2 = points[span + 1];
    if (p1 === undefined || p2 === undefined) break;
    const p0 = p1.sharp ? p1 : (points[span - 1] ?? p1);
    const p3 = p2.sharp ? p2 : (points[span + 2] ?? p2);
    for (let step = 0; step < STEPS_PER_SPAN; step++) {
      const t = step / STEPS_PER_SPAN;
      put(catmullRom(p0.x, p1.x, p2.x, p3.x, t), catmullRom(p0.y, p1.y, p2.y, p3.y, t), (span + t) / spans);
    }
  }
  const last = points[spans];
  if (last !== undefined) put(last.x, last.y, 1);
  return path;

  function put(x: number, y: number, along: number): void {
    path[at] = x;
    path[at + 1] = y;
    path[at + 2] = startPressure + (endPressure - startPressure) * along + PRESSURE_TREMOR * random.normal();
    at += PEN_STRIDE;
  }
}

function catmullRom(p0: number, p1: number, p2: number, p3: number, t: number): number {
  const linear = p2 - p0;
  const quadratic = 2 * p0 - 5 * p1 + 4 * p2 - p3;
  const cubic = 3 * (p1 - p2) + p3 - p0;
  return p1 + 0.5 * t * (linear + t * (quadratic + t * cubic));
}

/** The lattice's displacement at a point; outside the unit square: at the nearest point inside. */
function blend(lattice: Float64Array, offset: number, x: number, y: number): number {
  const u = Math.min(1, Math.max(0, x));
  const v = Math.min(1, Math.max(0, y));
  const row0 = bernstein(lattice, offset, u);
  const row1 = bernstein(lattice, offset + 4, u);
  const row2 = bernstein(lattice, offset + 8, u);
  const row3 = bernstein(lattice, offset + 12, u);
  const rest = 1 - v;
  return rest * rest * (rest * row0 + 3 * v * row1) + v * v * (3 * rest * row2 + v * row3);
}

/** The cubic Bernstein polynomial of four values. */
function bernstein(values: Float64Array, at: number, t: number): number {
  const rest = 1 - t;
  const low = rest * rest * (rest * values[at]! + 3 * t * values[at + 1]!);
  return low + t * t * (3 * rest * values[at + 2]! + t * values[at + 3]!);
}
