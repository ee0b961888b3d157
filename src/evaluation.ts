/**
 * @file Exports the metrics that detect mode collapse without looking at samples, and the verdict.
 */
export { Evaluator, type EvaluatorOptions } from './evaluation/evaluator.js';
export { Diagnosis, VERDICTS, type Verdict, type VerdictName } from './evaluation/diagnosis.js';
export { METRIC_NAMES, METRICS, type Metric, type MetricName } from './evaluation/registry.js';
export { BEST_METRICS, selectBest, type BestValue } from './evaluation/best.js';
export { judge } from './evaluation/verdict.js';
export { frechetDistance, moments, type Moments } from './evaluation/features/frechet.js';
export { kernelDistance, prepareKernelDistance } from './evaluation/features/kernelDistance.js';
export { neighbourMetrics, prepareNeighbours } from './evaluation/features/neighbours.js';
export type { Points } from './evaluation/features/points.js';
export { labelMetrics } from './evaluation/modes/labels.js';
export { meanSimilarity } from './evaluation/modes/similarity.js';
export { StackedModes } from './evaluation/modes/stackedModes.js';
export { classVariety, prepareVariety } from './evaluation/modes/variety.js';
export { findDuplicates, prepareDuplicates } from './evaluation/copies/duplicates.js';
export { findMemorised, prepareMemorising } from './evaluation/copies/memorising.js';
export { JacobianProbe, type JacobianSpectrum } from './evaluation/latent/jacobian.js';
export { pathLength } from './evaluation/latent/pathLength.js';
export { readImages, type ClassifierOutput } from './evaluation/inputs/classifierOutput.js';
