/**
 * @file Defines what one evaluation has at hand: the inputs and the shared computations that metrics read.
 */
import type { Engine } from '../autograd/engine.js';
import type { Duplicates } from './copies/duplicates.js';
import type { WassersteinEstimate } from './dynamics/criticEstimate.js';
import type { TrainingMetrics } from './dynamics/lossSigns.js';
import type { FeatureMetrics } from './features/features.js';
import type { ClassifierOutput } from './inputs/classifierOutput.js';
import type { LatentMetrics } from './latent/latentProbe.js';
import type { LabelMetrics } from './modes/labels.js';
import type { Estimate } from './modes/shares.js';
import type { Variety } from './modes/variety.js';
import type { LabelledImages } from './thresholds.js';

/** A metric's result: a number, an estimate with its 95 % interval, or null if it was not measured. */
export type MetricResult = number | Estimate | null;

/** Inputs and shared results of one evaluation. A metric reads its value from here, or computes it from the inputs. */
export interface Measured {
  readonly engine: Engine;
  /** Generated images in [−1, 1], with the classifier's labels. */
  readonly images: LabelledImages;
  /** The classifier's output for the generated images. */
  readonly output: ClassifierOutput;
  readonly labels: LabelMetrics;
  readonly variety: Variety;
  readonly features: FeatureMetrics;
  readonly copies: Duplicates & { readonly memorised: number | null };
  /** Mean MS-SSIM of pairs of images. */
  readonly similarity: { readonly generated: number; readonly real: number };
  /** Share of the images that show the requested class; null for an unconditional generator. */
  readonly conditionalAccuracy: number | null;
  /** Null when only images are evaluated, without their generator. */
  readonly latent: LatentMetrics | null;
  /** Null outside a training run. */
  readonly training: TrainingMetrics | null;
  /** Null unless a critic is trained. */
  readonly wasserstein: WassersteinEstimate | null;
}
