/**
 * @file Variety within each class. A flat histogram of the classes cannot see a class that is always the same picture.
 */
import { CLASSES } from '../models/classifier.js';
import type { Variety } from './diagnosis.js';
import { checkImages } from './images.js';
import { IMAGE_SIZE } from './reading.js';

/** Of fewer images a class's spread is a guess. */
export const LEAST_OF_CLASS = 10;

/** Images and the class of each, by a classifier or by people. */
export interface LabelledImages {
  /** [count, 28, 28, 1] in [−1, 1] */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/**
 * The spread of each class's generated images over that of its real ones: the trace of the covariance of the pixels, which
 * is the mean squared distance to the class's mean image, without bias. 0 where they are one picture, 1 where they spread
 * as the real ones do, null where either has fewer than 10 images.
 *
 * @throws Error for images of another size, none, another number of labels, an unknown class, NaN or ±∞
 */
export function classVariety(generated: LabelledImages, real: LabelledImages): Variety {
  const spread = classSpreads('generated', generated);
  const realSpread = classSpreads('real', real);
  const perClass = spread.map((value, label) => {
    const wanted = realSpread[label] ?? null;
    return value === null || wanted === null || wanted === 0 ? null : value / wanted;
  });
  const known = perClass.filter((value) => value !== null);
  return { perClass, mean: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length };
}

/** Σ‖x − mean‖² / (n − 1) of each class; null under {@link LEAST_OF_CLASS}. */
function classSpreads(name: string, { images, labels }: LabelledImages): (number | null)[] {
  const count = checkImages(`classVariety: ${name}`, images, 1);
  if (labels.length !== count) {
    throw new Error(`classVariety: got ${labels.length} labels of ${count} ${name} images; it takes one of each`);
  }
  const unknown = labels.findIndex((label) => label >= CLASSES);
  if (unknown >= 0) {
    throw new Error(`classVariety: ${name} image ${unknown} has label ${labels[unknown]!}; there are ${CLASSES}`);
  }
  const counts = new Array<number>(CLASSES).fill(0);
  const means = Array.from({ length: CLASSES }, () => new Float64Array(IMAGE_SIZE));
  labels.forEach((label, image) => {
    counts[label]! += 1;
    const mean = means[label]!;
    for (let pixel = 0; pixel < IMAGE_SIZE; pixel++) mean[pixel]! += images[image * IMAGE_SIZE + pixel]!;
  });
  means.forEach((mean, label) => mean.forEach((sum, pixel) => (mean[pixel] = sum / Math.max(1, counts[label]!))));
  // A second pass, since the squares of the sums would cancel those of the values where all images are alike.
  const squares = new Array<number>(CLASSES).fill(0);
  labels.forEach((label, image) => {
    const mean = means[label]!;
    let sum = 0;
    for (let pixel = 0; pixel < IMAGE_SIZE; pixel++) sum += (images[image * IMAGE_SIZE + pixel]! - mean[pixel]!) ** 2;
    squares[label]! += sum;
  });
  return squares.map((sum, label) => (counts[label]! < LEAST_OF_CLASS ? null : sum / (counts[label]! - 1)));
}
