/**
 * @file Computes metrics of the predicted classes: covered modes, and the difference of their shares from the real ones.
 */
import { CLASSES } from '../../models/networks/classifier.js';
import { binomialTail } from '../binomial.js';
import type { ClassifierOutput } from '../inputs/classifierOutput.js';
import { divergence, entropy, type Estimate, estimateDistance, sharesOf, totalVariation } from './shares.js';

/** A classifier is sure of an image whose largest probability is this or more. */
export const SURE = 0.9;

/** A class is a mode if its share exceeds this fraction of its real share. */
const MODE_PART = 0.1;

/** Significance level: the probability that a class at exactly that fraction counts as a mode. */
const MODE_LEVEL = 0.05;

export interface LabelMetrics {
  /** Generated images of each class, unsure ones included. */
  readonly counts: number[];
  /** Classes that the generator makes, by images that the classifier is sure of. */
  readonly modes: number;
  /** Entropy of the class shares, in nats. */
  readonly entropy: number;
  /** KL(generated ‖ real) of the class shares, in nats. */
  readonly divergence: Estimate;
  /** ½ Σ |generated − real| over the class shares, 0 … 1. */
  readonly totalVariation: Estimate;
  /** Mean of the largest probability. */
  readonly confidence: number;
  /** Share of the images whose largest probability is {@link SURE} or more. */
  readonly sure: number;
}

/** Smallest number of images: one for each class. */
const LEAST = CLASSES;

/**
 * The histogram of the classes, against that of the dataset.
 *
 * A class is a mode if images that the classifier is sure of are significantly more frequent in it, among all generated
 * images, than a tenth of the class's real share: an exact binomial test at 5 %. A few misclassified images are no mode,
 * and unsure ones never are.
 *
 * @param realCounts real images of each class; their shares are taken as exact, so count the whole dataset
 * @throws Error for fewer than 10 images, a reading that holds NaN or does not fit itself, or a class without real images
 */
export function labelMetrics(generated: ClassifierOutput, realCounts: readonly number[]): LabelMetrics {
  const { count, labels, probabilities } = generated;
  checkReading('labelMetrics', generated, LEAST);
  checkRealCounts(realCounts);
  const known = sharesOf(realCounts);
  const counts = new Array<number>(CLASSES).fill(0);
  const sureCounts = new Array<number>(CLASSES).fill(0);
  let confidence = 0;
  labels.forEach((label, image) => {
    const largest = probabilities[image * CLASSES + label]!;
    counts[label]! += 1;
    confidence += largest;
    if (largest >= SURE) sureCounts[label]! += 1;
  });
  const isMode = (sure: number, label: number): boolean => {
    return sure > 0 && binomialTail(count, MODE_PART * known[label]!, sure) < MODE_LEVEL;
  };
  return {
    counts,
    modes: sureCounts.filter(isMode).length,
    entropy: entropy(sharesOf(counts)),
    divergence: estimateDistance(divergence, counts, known),
    totalVariation: estimateDistance(totalVariation, counts, known),
    // Rounding of float32 probabilities may take the mean of many ones above one.
    confidence: Math.min(1, confidence / count),
    sure: sureCounts.reduce((sum, sure) => sum + sure, 0) / count,
  };
}

/**
 * @param least images that the metric takes
 * @throws Error that names the metric, for too few images, sizes that do not fit, or numbers that are not finite
 */
export function checkReading(metric: string, reading: ClassifierOutput, least: number): void {
  const { count, features, probabilities, labels } = reading;
  if (count < least) throw new Error(`${metric}: got ${count} images; it takes ${least} at least`);
  if (labels.length !== count || probabilities.length !== count * CLASSES || features.length % count !== 0) {
    const got = `${labels.length} labels, ${probabilities.length} probabilities and ${features.length} features`;
    throw new Error(`${metric}: got ${got} of ${count} images; it takes a label and ${CLASSES} probabilities of each`);
  }
  const unknown = labels.findIndex((label) => label >= CLASSES);
  if (unknown >= 0) throw new Error(`${metric}: image ${unknown} has label ${labels[unknown]!}; there are ${CLASSES}`);
  for (const [name, values] of Object.entries({ probability: probabilities, feature: features })) {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const image = Math.floor(bad / (values.length / count));
      throw new Error(`${metric}: image ${image} has a ${name} of ${values[bad]!}`);
    }
  }
}

function checkRealCounts(realCounts: readonly number[]): void {
  const takes = `it takes ${CLASSES} counts above 0`;
  if (realCounts.length !== CLASSES) throw new Error(`labelMetrics: got ${realCounts.length} real counts; ${takes}`);
  const bad = realCounts.findIndex((value) => !(Number.isInteger(value) && value > 0));
  if (bad >= 0) throw new Error(`labelMetrics: got ${realCounts[bad]!} real images of class ${bad}; ${takes}`);
}
