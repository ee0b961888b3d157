/**
 * @file Compares generated features with the real ones by all feature metrics.
 */
import type { Engine } from '../../autograd/engine.js';
import { FEATURES } from '../../models/networks/classifier.js';
import { frechetDistance, moments, type Moments } from './frechet.js';
import { kernelDistance, prepareKernelDistance, type KernelReference } from './kernelDistance.js';
import { type NeighbourMetrics, neighbourMetrics, prepareNeighbours, type NeighbourReference } from './neighbours.js';
import type { Points } from './points.js';
import { beginPhase, type EvaluationProgress } from '../progress.js';
import type { ClassifierOutput } from '../inputs/classifierOutput.js';

export interface FeatureMetrics extends NeighbourMetrics {
  /** Fréchet distance of the features. */
  readonly frechet: number;
  /** KID's estimator; unbiased, so it may be below 0. */
  readonly kernel: number;
}

/** The real side, reusable for any number of generated sets. */
export interface FeatureReference {
  readonly moments: Moments;
  readonly kernel: KernelReference;
  readonly neighbours: NeighbourReference;
}

/** A classifier's features as points. */
export function featurePoints({ count, features }: ClassifierOutput): Points {
  return { count, size: FEATURES, values: features };
}

/** @throws Error for fewer than NEIGHBOURS + 1 points, or one that holds NaN, ±∞ or a number above 1e5 */
export async function prepareFeatures(
  engine: Engine,
  real: Points,
  progress?: EvaluationProgress,
): Promise<FeatureReference> {
  return {
    moments: await moments(engine, real, beginPhase(progress, 'covariance of the real features')),
    kernel: await prepareKernelDistance(engine, real, beginPhase(progress, 'kernel of the real features')),
    neighbours: await prepareNeighbours(engine, real, beginPhase(progress, 'neighbours of the real features')),
  };
}

/** @throws Error as {@link prepareFeatures}, and for features of another size */
export async function featureMetrics(
  engine: Engine,
  reference: FeatureReference,
  generated: Points,
  progress?: EvaluationProgress,
): Promise<FeatureMetrics> {
  const covariance = beginPhase(progress, 'Fréchet distance');
  return {
    frechet: frechetDistance(reference.moments, await moments(engine, generated, covariance)),
    kernel: await kernelDistance(engine, reference.kernel, generated, beginPhase(progress, 'kernel distance')),
    ...(await neighbourMetrics(engine, reference.neighbours, generated, progress)),
  };
}
