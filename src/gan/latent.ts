/**
 * @file Draws points and walks in the latent space, on the host.
 */
import { randomStream } from '../data/randomStreams.js';
import { normal } from '../models/layers/initialisers.js';

/** z ~ N(0, 1), [count, zDim]; a larger count starts with the rows of a smaller one. */
export function drawZ(count: number, zDim: number, seed: string): Float32Array {
  return normal(1)([count, zDim], randomStream(seed, 'z'));
}

/** A walk between two points, [steps, zDim], both ends included; a walk of one step is the first end. */
export type Walk = (from: Float32Array, to: Float32Array, steps: number) => Float32Array;

/** The straight line: (1 − t) · from + t · to. */
export const linearWalk: Walk = (from, to, steps) => {
  return walk(from, steps, (t, i) => (1 - t) * from[i]! + t * to[i]!);
};

/**
 * The great circle (Shoemake 1985, https://doi.org/10.1145/325334.325242; for GANs White 2016,
 * https://arxiv.org/abs/1609.04468): constant angular speed, and a length that changes evenly from one end's to the other's.
 * No step comes near the centre of the ball, where a normal z hardly ever lies. Ends in the same or exactly opposite
 * directions have no unique circle: there the walk is the straight line.
 */
export const sphericalWalk: Walk = (from, to, steps) => {
  const lengths = [length(from), length(to)] as const;
  const cosine = dot(from, to) / (lengths[0] * lengths[1]);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  if (!(sine > 1e-6)) return linearWalk(from, to, steps);
  return walk(from, steps, (t, i) => {
    const scale = (1 - t) * lengths[0] + t * lengths[1];
    const a = (Math.sin((1 - t) * angle) / sine / lengths[0]) * from[i]!;
    const b = (Math.sin(t * angle) / sine / lengths[1]) * to[i]!;
    return scale * (a + b);
  });
};

function walk(from: Float32Array, steps: number, at: (t: number, index: number) => number): Float32Array {
  const points = new Float32Array(steps * from.length);
  for (let step = 0; step < steps; step++) {
    const t = steps === 1 ? 0 : step / (steps - 1);
    for (let i = 0; i < from.length; i++) points[step * from.length + i] = at(t, i);
  }
  return points;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function length(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}
