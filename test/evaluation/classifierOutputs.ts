/**
 * @file Readings made up for tests.
 */
import { type ClassifierOutput, largest } from '../../src/evaluation/inputs/classifierOutput.js';
import { CLASSES } from '../../src/models/networks/classifier.js';

/** Images of given classes, each with the largest probability given; `features` default to one zero each. */
export function readingOf(
  labels: readonly number[],
  confidence: (image: number) => number = () => 0.99,
  features: ArrayLike<number> = new Float32Array(labels.length),
): ClassifierOutput {
  const probabilities = new Float32Array(labels.length * CLASSES);
  labels.forEach((label, image) => {
    const value = confidence(image);
    probabilities.fill((1 - value) / (CLASSES - 1), image * CLASSES, (image + 1) * CLASSES);
    probabilities[image * CLASSES + label] = value;
  });
  return {
    count: labels.length,
    features: Float32Array.from(features),
    probabilities,
    labels: largest(probabilities),
  };
}

/** As many labels of each class as `counts` says, class by class. */
export function labelsOf(counts: readonly number[]): number[] {
  return counts.flatMap((count, label) => new Array<number>(count).fill(label));
}
