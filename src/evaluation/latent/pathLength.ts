/**
 * @file Perceptual path length (Karras, Laine and Aila 2019, https://arxiv.org/abs/1812.04948): how fast images change on
 * a walk from one random z to another. There the walk is a great circle and the distance that of VGG16's features; here
 * the walk is
 *
 *     z(t) = z₀ cos(πt/2) + z₁ sin(πt/2),   z₀, z₁ ~ N(0, I),   0 ≤ t ≤ 1
 *
 * which is the great circle between ends of equal length at right angles, as random ones in many dimensions nearly are;
 * and, unlike it, it has N(0, I) at every t in few dimensions too, one included. So the t where a step begins is of no
 * account, and steps begin at z₀.
 */
import { randomStream } from '../../data/randomStreams.js';
import { normal } from '../../models/layers/initialisers.js';
import type { ClassifierOutput } from '../inputs/classifierOutput.js';
import { checkAlike, squaredDistance } from './fixedZStability.js';

/**
 * Length of a step in t, as a part of the walk. A float32 feature is off by about 1e-6 of its size: a smaller step would
 * measure that, a larger one would cut corners.
 */
export const PATH_STEP = 1e-3;

/** Points of walks and those one step on, [count, zDim] each. */
export interface PathSteps {
  readonly from: Float32Array;
  readonly to: Float32Array;
}

/**
 * Steps on random walks.
 *
 * @param step in t
 */
export function drawPathSteps(count: number, zDim: number, seed: string, step = PATH_STEP): PathSteps {
  const from = normal(1)([count, zDim], randomStream(seed, 'path'));
  const ends = normal(1)([count, zDim], randomStream(seed, 'path end'));
  const angle = (Math.PI / 2) * step;
  return { from, to: from.map((value, index) => value * Math.cos(angle) + ends[index]! * Math.sin(angle)) };
}

/**
 * E[d² / step²]: the mean squared speed of the features, in units of {@link featureUnit} a walk. A walk at constant speed
 * along a straight line to an image as far away as a random real one has 1; shorter steps to fewer images have less, and
 * jumps much more.
 *
 * @param from read at `drawPathSteps(…).from`
 * @param to read at `drawPathSteps(…).to`
 * @throws Error for readings of different sizes, none, or that hold NaN, or a unit that is not above 0
 */
export function pathLength(from: ClassifierOutput, to: ClassifierOutput, unit: number, step = PATH_STEP): number {
  checkAlike('pathLength', from, to, unit);
  const { count, features } = from;
  const size = features.length / count;
  let sum = 0;
  for (let image = 0; image < count; image++) {
    sum += squaredDistance(features, image * size, to.features, image * size, size);
  }
  return sum / count / (step * unit) ** 2;
}
